package store

import (
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey/latchkey/shared/ratelimit"
)

// The one table. Keys pk and sk; TTL attribute expires_at (epoch seconds), which is
// only the clean-up: whoever reads an item compares expires_at itself.
//
//	Item                 pk                sk                    by_owner_pk        by_owner_sk
//	API key              KEY#<id>          KEY                   <user>#KEY         <created>#<id>
//	the head of its log  KEY#<id>          HEAD                  (a copy of the key's, which outlives the key)
//	its audit entries    KEY#<id>          AUDIT#<ulid>          (uses too, before USES# was)
//	what came from it    KEY#<id>          CHILD#<id>            (a key that it made or regenerated)
//	that it was imported KEY#<id>          IMPORTED              (for ever, also after deletion)
//	its uses by the hour USES#<id>         USE#<ulid>
//	its last use         USES#<id>         LAST
//	numbers of the uses
//	counted of a process COUNTED#<process> COUNTED
//	uses of a project's
//	keys, of a day       USAGE#<project>#<shard>  <day>#<key>#<route>  (sums.go)
//	of a project         USAGE#ALL#<shard>        <day>#<project>
//	user                 USER#<id>         USER                  (of one who was deleted, nothing but the id and when)
//	the head of its log  USER#<id>         HEAD                  (a copy of the user's)
//	its audit entries    USER#<id>         AUDIT#<ulid>
//	a session or key that
//	was made just now    USER#<id>         NEW#<kind>#<id>       (for a day: an index may not have it yet)
//	second factor        USER#<id>         FACTOR#<id>           (pending ones expire)
//	recovery codes       USER#<id>         FACTOR#RECOVERY       (their hashes)
//	a token used once    USER#<id>         ONCE#<jti>            (until it expires)
//	login of an e-mail   EMAIL#<lower>     USER                  (by_user: its user_id)
//	that it was deleted  GONE#<hash>       GONE                  (for the retention of the audit log)
//	session              SESSION#<id>      SESSION               <user>#SESSION     <created>#<id>
//	project              PROJECT#<id>      PROJECT               <user>#PROJECT     <created>#<id>
//	customer             CUSTOMER#<id>     CUSTOMER              <project>#CUSTOMER <created>#<id> (of one that was deleted, nothing that names it)
//	the head of its log  CUSTOMER#<id>     HEAD                  (a copy of the customer's)
//	its audit entries    CUSTOMER#<id>     AUDIT#<ulid>
//	one that was made
//	just now             CUSTOMER#<project> NEW#CUSTOMER#<id>    (for a day)
//	its external id      CUSTOMER#<project>#<external id>  EXTERNAL
//	a key that is its    KEY#<id>          CUSTOMER              <customer>#KEY     <created>#<id>
//	run                  RUN#<id>          RUN                   <project>#RUN      <created>#<id>
//	that it is a user's  RUN#<id>          OWNER                 <user>#RUN         <created>#<id>
//	its events           RUN#<id>          EVENT#<last seq>
//	what is done once    RUN#<id>          RECEIPT#<once>
//	public-route counts  LIMIT#<subject>   <category>#<window>
//	refusals of an account
//	that does not exist  LIMIT#refused:<hash> <ulid>             (as an entry of one that does)
//	tries of an account
//	from an address      LIMIT#place:<hash> PLACE
//	flushes of a cache   FLUSH#<stage>     FLUSH
//	the deployer's
//	own scopes           CATALOGUE#SCOPES  CATALOGUE
//
// The index by_user has the logins, because nothing else has a user_id: it was added to a table that had users
// already, and DynamoDB filled it. Users are found by a Scan of it.
//
// The index by_owner holds keys only. A list is a Query of the index and then one
// strongly consistent BatchGetItem, so that it never shows a key as good which is not,
// and so that counting a request never writes to the index.
//
// Runs are listed by project, for keys, and by user. An item has one place in the index, so
// a run has a second item without content. Runs that were started before there was a list
// have neither place, and are in none until they expire.
//
//	Access                              Call
//	check a key, session, client token  GetItem, or UpdateItem where it is limited (admit.go); both if a
//	                                    key has a quota and no limit, and twice if that begins a period (spend.go)
//	log in                              UpdateItem LIMIT#place: (tries.go), UpdateItem LIMIT#account:, GetItem EMAIL#,
//	                                    GetItem USER#, UpdateItem LIMIT#place:,
//	                                    TransactWriteItems: SESSION#, NEW#SESSION#, USER#<id> AUDIT#, a check of USER# (not disabled, the role as read)
//	refuse a login                      the first three of these; TransactWriteItems: USER#<id> AUDIT# or LIMIT#refused:, a check of EMAIL#
//	change, disable, delete a user      TransactWriteItems: USER# (chain_seq as read), its AUDIT# entry, HEAD (accountlog.go),
//	                                    a check of an administrator's USER# (accounts.go);
//	                                    Query USER#<id>, NEW#; Query by_owner; each session and key ended (endings.go)
//	list users                          Scan by_user, BatchGetItem
//	log in with a second factor         the first four of these; UpdateItem LIMIT#place:, GetItem USER#, EMAIL#, Query USER#<id>, FACTOR#;
//	                                    TransactWriteItems: what a login writes, FACTOR# (its step or counter, or a code less),
//	                                    ONCE# (not there yet), checks of USER# (factors as read) and EMAIL# (password as read)
//	prove, for a change of factors      Query USER#<id>, FACTOR#; TransactWriteItems: SESSION#, FACTOR#, ONCE#, a check of USER#
//	change factors                      GetItem USER#; Query USER#<id>, FACTOR#; TransactWriteItems: USER# (factors and chain_seq as read), FACTOR#, its AUDIT# entry, HEAD,
//	                                    SESSION# (proven with the mark of the factors)
//	refresh, log out                    UpdateItem (generation as the token says), DeleteItem
//	end one session from elsewhere      GetItem; TransactWriteItems: SESSION# (its owner's), USER#<id> AUDIT#
//	make a link for somebody, verify    GetItem USER#; TransactWriteItems: USER# (chain_seq as read), its AUDIT# entry, HEAD
//	change or reset a password          UpdateItem USER# (nobody logs in); Query by_owner and USER#<id>, NEW#; each session
//	                                    ended; TransactWriteItems: EMAIL#, USER# (as the first write left it; passwords.go)
//	register                            TransactWriteItems: EMAIL# (not there yet), USER#, PROJECT#, its AUDIT# entry, HEAD
//	check a customer's key              the same, and the same on CUSTOMER#; UpdateItem of the key if that refuses (shared.go)
//	create a customer                   TransactWriteItems: CUSTOMER#, its external id (both not there yet), NEW#, its AUDIT# entry, HEAD,
//	                                    checks of PROJECT# (owner as read) and of that one's USER# (not being deleted)
//	change a customer                   TransactWriteItems: CUSTOMER# (version and chain_seq as read), its AUDIT# entry, HEAD
//	delete a customer                   the same (deleted_at), and its external id; Query CUSTOMER#<id>, AUDIT#; UpdateItem of each that names
//	                                    it, and of CUSTOMER# (erased)
//	search customers                    Query by_owner and BatchGetItem, some at a time (searchcustomers.go)
//	create, change, regenerate, revoke, TransactWriteItems: the key (chain_seq as read), its AUDIT# entry, HEAD (chain.go);
//	delete                              by another key also a check of that one, and its CHILD# item
//	                                    a new key's NEW#KEY# too, and a check of its owner's USER# (not disabled)
//	hand over a key                     the same, with NEW#KEY#, both USER# (chain_seq as read, not disabled) with AUDIT# and HEAD,
//	                                    and the project's heirs; all of a user's 23 in a transaction, and PROJECT# each: both
//	                                    USER# are written by the first, and checked by the others (handover.go)
//	let a key live longer               the same, and its CHILD# items at its makers; Query KEY#<id>, AUDIT# for who they are
//	import a key                        TransactWriteItems: IMPORTED, the key (both not there yet), its AUDIT# entry, HEAD
//	revoke what came from a key         Query KEY#<id>, CHILD#; BatchGetItem; each child as above (cascade.go)
//	revoke a client token               GetItem; TransactWriteItems: the key (revoked_tokens, chain_seq as read), its AUDIT# entry, HEAD
//	list keys, sessions, projects, runs Query by_owner, BatchGetItem
//	start a run                         TransactWriteItems: RUN, OWNER (both not there yet)
//	an account's, a customer's log      GetItem USER# or CUSTOMER#; Query USER#<id> or CUSTOMER#<id>, AUDIT#, newest first
//	a key's audit log                   Query KEY#<id>, HEAD to KEY (of older releases, deleted, its newest AUDIT#) for whose it is;
//	                                    Query KEY#<id>, AUDIT#, newest first
//	count uses                          GetItem COUNTED#; TransactWriteItems: COUNTED# (as read), USE#, both sums (uses.go); UpdateItem LAST
//	sum uses up                         Query of each shard of a project, or of the deployment, by day (usage.go)
//	append events                       TransactWriteItems: RUN (last_seq as read), EVENT# (not there yet),
//	                                    with an Idempotency-Key also RECEIPT# (not there yet)
//	flush a stage's cache               UpdateItem three times, for all who ask at once (flush.go)
//	read the deployer's own scopes      GetItem CATALOGUE#SCOPES, at most twice a minute and process (catalogue.go)
//	publish them                        PutItem CATALOGUE#SCOPES (revision as read)
//	poll events                         GetItem RUN; Query EVENT# > cursor only if there is something new
const (
	attrPK        = "pk"
	attrSK        = "sk"
	attrOwnerPK   = "by_owner_pk"
	attrOwnerSK   = "by_owner_sk"
	attrExpiresAt = "expires_at"
	attrMark      = "mark"
	indexByOwner  = "by_owner"
	indexByUser   = "by_user"
	attrUserID    = "user_id"
)

type item = map[string]types.AttributeValue

func primaryKey(pk, sk string) item { return item{attrPK: str(pk), attrSK: str(sk)} }

func keyPartition(id string) string  { return "KEY#" + id }
func usesPartition(id string) string { return "USES#" + id }
func keyKey(id string) item          { return primaryKey(keyPartition(id), keySort) }
func headKey(partition string) item  { return primaryKey(partition, headSort) }
func importedKey(id string) item     { return primaryKey(keyPartition(id), "IMPORTED") }
func childKey(maker, id string) item { return primaryKey(keyPartition(maker), childPrefix+id) }
func auditKey(partition, ulid string) item {
	return primaryKey(partition, auditPrefix+ulid)
}
func useKey(keyID, ulid string) item { return primaryKey(usesPartition(keyID), usePrefix+ulid) }
func lastUseKey(keyID string) item   { return primaryKey(usesPartition(keyID), "LAST") }
func countedKey(process string) item { return primaryKey("COUNTED#"+process, "COUNTED") }
func usagePartition(project string, shard int) string {
	return "USAGE#" + project + "#" + strconv.Itoa(shard)
}
func userPartition(id string) string { return "USER#" + id }
func userKey(id string) item         { return primaryKey(userPartition(id), userSort) }
func emailKey(address string) item   { return primaryKey("EMAIL#"+address, "USER") }
func justMadeKey(userID string, k kind, id string) item {
	return primaryKey(userPartition(userID), newPrefix+string(k)+"#"+id)
}
func factorKey(userID, id string) item { return primaryKey("USER#"+userID, factorPrefix+id) }
func recoveryKey(userID string) item   { return primaryKey("USER#"+userID, recoverySort) }
func onceKey(userID, id string) item   { return primaryKey("USER#"+userID, oncePrefix+id) }
func goneKey(hash string) item         { return primaryKey("GONE#"+hash, "GONE") }
func sessionKey(id string) item        { return primaryKey("SESSION#"+id, "SESSION") }
func customerPartition(id string) string {
	return "CUSTOMER#" + id
}
func customerKey(id string) item      { return primaryKey(customerPartition(id), customerSort) }
func keyOfCustomerKey(id string) item { return primaryKey(keyPartition(id), customerSort) }
func newCustomerKey(project, id string) item {
	return primaryKey(customerPartition(project), newPrefix+string(customers)+"#"+id)
}
func externalKey(project, id string) item {
	return primaryKey(customerPartition(project)+"#"+id, externalSort)
}
func projectKey(id string) item  { return primaryKey("PROJECT#"+id, "PROJECT") }
func runKey(id string) item      { return primaryKey("RUN#"+id, "RUN") }
func runOwnerKey(id string) item { return primaryKey("RUN#"+id, "OWNER") }
func eventKey(runID string, seq int) item {
	return primaryKey("RUN#"+runID, fmt.Sprintf("%s%012d", eventPrefix, seq))
}
func receiptKey(runID, once string) item { return primaryKey("RUN#"+runID, receiptPrefix+once) }
func limitKey(subject string, c ratelimit.Category, window int64) item {
	return primaryKey("LIMIT#"+subject, fmt.Sprintf("%s#%d", c, window))
}

func catalogueKey() item         { return primaryKey("CATALOGUE#"+ownScopes, "CATALOGUE") }
func flushKey(stage string) item { return primaryKey("FLUSH#"+stage, "FLUSH") }

const (
	ownScopes     = "SCOPES"
	headSort      = "HEAD" // all between the two tells whose a key is
	keySort       = "KEY"
	userSort      = "USER"
	customerSort  = "CUSTOMER"
	externalSort  = "EXTERNAL"
	auditPrefix   = "AUDIT#"
	childPrefix   = "CHILD#"
	usePrefix     = "USE#"
	eventPrefix   = "EVENT#"
	receiptPrefix = "RECEIPT#"
	newPrefix     = "NEW#"
	factorPrefix  = "FACTOR#"
	recoverySort  = factorPrefix + "RECOVERY"
	oncePrefix    = "ONCE#"
)

// kind is what by_owner lists, and the sk of the items listed.
type kind string

const (
	keys     kind = "KEY"
	sessions kind = "SESSION"
	projects kind = "PROJECT"
	runs     kind = "RUN"

	customers kind = "CUSTOMER"
)

func owned(owner string, k kind, created time.Time, id string) item {
	return item{
		attrOwnerPK: str(owner + "#" + string(k)),
		attrOwnerSK: str(created.UTC().Format("2006-01-02T15:04:05.000000000Z") + "#" + id),
	}
}
