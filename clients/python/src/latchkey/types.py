# Made by generate.py. Do not edit it.

from __future__ import annotations

from typing import Any, Literal, TypeAlias, TypedDict

from typing_extensions import NotRequired

Scope: TypeAlias = str
"""
A permission, written action:resource.
"""


ScopeSpelling: TypeAlias = str
"""
A scope. It may also be written resource:action, or be one of the words read (every read:*), write (every read:* and write:*) and admin (all but verify:all_keys, which only an administrator can give).
"""


class User(TypedDict):
    id: str
    email: str
    role: Literal['admin', 'member']
    created_at: str


class Account(User):
    status: Literal['active', 'invited', 'disabled', 'disabling', 'deleting']
    """
    Anything but active cannot log in, and gets no key. One who is invited has chosen no password yet. While it is disabling or deleting, sessions and keys are still being ended; if it stays so, repeat the request.
    """
    disabled_at: str | None
    email_verified_at: str | None
    """
    When the user showed that they read mail to their address.
    """


class Caller(TypedDict):
    """
    The user who calls, or who owns the key that calls. A client key is not told the e-mail address.
    """

    id: str
    email: NotRequired[str]
    role: Literal['admin', 'member']
    created_at: str


class Delivery(TypedDict):
    purpose: Literal['invitation', 'reset']
    sent: bool
    """
    By e-mail, and then there is no `url`.
    """
    url: NotRequired[str]
    """
    The link. It is shown here only.
    """
    expires_in: int
    """
    Seconds.
    """


NewPassword: TypeAlias = str
"""
At most 256 bytes. A password that is easy to guess is refused: a common one, the e-mail address, or something close to them.
"""


class Login(TypedDict):
    email: str
    password: str


class PairLogin(TypedDict):
    email: str
    password: str
    cookie: NotRequired[bool | None]
    """
    Put the refresh token into a cookie, for a page of this origin.
    """


class TokenPair(TypedDict):
    access_token: str
    """
    A JWT.
    """
    refresh_token: NotRequired[str]
    """
    A JWT, good for one refresh. Absent if it is in a cookie.
    """
    token_type: Literal['bearer']
    expires_in: int
    """
    Seconds for which the access token is good.
    """


class SessionLogin(TypedDict):
    ok: Literal[True]
    token: str
    """
    A JWT.
    """
    user: User
    token_type: Literal['bearer']
    expires_in: int
    """
    Seconds.
    """


class UnfinishedLogin(TypedDict):
    """
    The password was right, and the account has a second factor.
    """

    ok: Literal[True]
    mfa_required: Literal[True]
    mfa_token: str
    """
    A JWT for POST /v1/auth/login/mfa. It opens nothing, and is good once.
    """
    methods: list[Literal['totp', 'passkey', 'recovery_code']]
    """
    What completes the login.
    """
    expires_in: int
    """
    Seconds.
    """


class FactorSetup(TypedDict):
    """
    The password was right, and the user must have a second factor and has none (parameter RequireFactor). They add one, and log in with it.
    """

    ok: Literal[True]
    mfa_setup_required: Literal[True]
    mfa_setup_token: str
    """
    A JWT for POST /v1/auth/factors and its confirmation. It needs no proof, and opens nothing else but the logout.
    """
    methods: list[Literal['totp', 'passkey']]
    """
    What can be added.
    """
    expires_in: int
    """
    Seconds.
    """


PasskeyAnswer: TypeAlias = dict[str, Any]
"""
What navigator.credentials.get() or create() returned, as its toJSON() has it.
"""


class PasskeyLogin(TypedDict):
    token: str
    credential: PasskeyAnswer
    cookie: NotRequired[bool | None]


class Factor(TypedDict):
    id: str
    type: Literal['totp', 'passkey']
    name: str
    created_at: str
    confirmed: bool
    """
    Only a confirmed factor counts.
    """
    last_used_at: str | None
    copied_at: NotRequired[str]
    """
    When a counter of this passkey ran backwards: there may be a copy of it. Absent if it never did.
    """
    synced: NotRequired[bool]
    """
    Of a passkey: it can be on more than one device.
    """


RecoveryCodes: TypeAlias = list[str]
"""
Shown once. Each is good once.
"""


KeyType: TypeAlias = Literal['scoped', 'secret', 'client', 'read_only']
"""
The purpose of a key. A scoped key has exactly its scopes, a secret key everything in the project, a client key write:events, a read_only key read:*.
"""


class RateLimits(TypedDict):
    """
    Requests in a window for each category of endpoint; the deployment's default for a category without a number.
    """

    auth: NotRequired[int]
    management: NotRequired[int]
    read: NotRequired[int]
    write: NotRequired[int]


RateLimit: TypeAlias = int | RateLimits
"""
One number for all categories, or an object with a number for each.
"""


class PresentedKey(TypedDict):
    key: str
    """
    As it was presented.
    """
    method: NotRequired[Literal['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', '']]
    """
    Of the request that presented it. GET and HEAD count as read, all others as write; if absent, read.
    """
    path: NotRequired[str]
    """
    Of that request; needs method. Unless scopes are given, the key's scopes must open it, as at the authorizer.
    """
    scopes: NotRequired[list[ScopeSpelling]]
    """
    What the request needs: the key must hold all of them.
    """
    address: NotRequired[str]
    """
    The IP address that sent it. A key that is bound to addresses is FORBIDDEN without.
    """
    api: NotRequired[str]
    """
    The name of your API in the key's log; Latchkey's own if absent.
    """
    cost: NotRequired[int]
    """
    What the request takes from the key's quota, if it has one; absent, 1. If less is left, nothing is taken, and the key is QUOTA_EXCEEDED. Against the limit it counts once.
    """


class ImportedUser(TypedDict):
    email: str
    password_hash: str
    """
    bcrypt up to cost 14, argon2id up to 256 MiB and 1 GiB in all passes, or PBKDF2 up to 2,000,000 iterations, as PHC, passlib or Django write it.
    """
    role: NotRequired[Literal['', 'admin', 'member'] | None]
    """
    Absent, it is member.
    """
    again: NotRequired[bool | None]
    """
    Also if a user of that address was deleted, which refuses the line otherwise.
    """


Label: TypeAlias = str
"""
Without control characters, without characters that turn the direction of writing (such as U+202E), and without a space at either end.
"""


ScopeList: TypeAlias = list[ScopeSpelling] | None
"""
At most the scopes that the type allows and the caller holds; if absent, all of those except admin.
"""


class Cascade(TypedDict):
    cascade: NotRequired[bool | None]
    """
    Revoke every key that came from this one: those that it made, those that have a secret which it gave them, and all that came from those.
    """


class Project(TypedDict):
    """
    name and label have the same value, and so do created_at and createdAt.
    """

    id: str
    name: str
    label: str
    key_prefix: str
    color: str
    created_at: str
    createdAt: str


EntryHash: TypeAlias = str
"""
SHA-256 over the entry without its member chain.hash, in the canonical form of RFC 8785.
"""


AddEvent: TypeAlias = dict[str, Any]
"""
A JSON object, nested at most 32 deep. The service sets seq and at, so no member may have one of these names, in any mix of capitals. The kind end is for the last event of a run; if you do not send it, the service adds it.
"""


Event: TypeAlias = dict[str, Any]
"""
The event as it was sent, with its number and time.
"""


RunStatus: TypeAlias = Literal['running', 'pass', 'fail']


class OAuthError(TypedDict):
    """
    RFC 6749 §5.2.
    """

    error: str
    error_description: NotRequired[str]
    request_id: NotRequired[str]
    """
    Only in a 5xx, which reveals nothing else.
    """


class ServerMetadata(TypedDict):
    issuer: str
    token_endpoint: str
    introspection_endpoint: str
    revocation_endpoint: str
    grant_types_supported: list[str]
    response_types_supported: list[str]
    scopes_supported: list[str]
    token_endpoint_auth_methods_supported: list[str]
    introspection_endpoint_auth_methods_supported: list[str]
    revocation_endpoint_auth_methods_supported: list[str]
    jwks_uri: NotRequired[str]
    """
    Where tokens are signed with ES256 or RS256.
    """
    subject_types_supported: NotRequired[list[Literal['public']]]
    id_token_signing_alg_values_supported: NotRequired[list[Literal['ES256', 'RS256']]]
    """
    How access tokens are signed; there are no ID tokens.
    """


class ClientCredentials(TypedDict):
    """
    For client_secret_post; left out if the client authenticates by HTTP Basic. Each field of a form stands once; only resource may stand more often.
    """

    client_id: NotRequired[str]
    """
    The id of an API key.
    """
    client_secret: NotRequired[str]
    """
    The full key.
    """


LoginAnswer: TypeAlias = SessionLogin | UnfinishedLogin | FactorSetup


class CreateUser(TypedDict):
    email: str
    password: NotRequired[NewPassword | None]
    """
    Without one the user is invited: they choose it by a link.
    """
    role: NotRequired[Any]
    """
    admin or member; anything else is member.
    """


class RegisteredUser(TypedDict):
    ok: Literal[True]
    user: User
    invitation: NotRequired[Delivery]


class PasswordChange(TypedDict):
    current_password: str
    password: NewPassword


class ForgottenPassword(TypedDict):
    email: str


class Done(TypedDict):
    ok: Literal[True]


class PasswordReset(TypedDict):
    token: str
    """
    Behind `?token=` in the address of the link.
    """
    password: NewPassword


class AddressVerification(TypedDict):
    token: str
    """
    Behind `?token=` in the address of the link.
    """


class CreateLink(TypedDict):
    purpose: Literal['invitation', 'reset']
    show: NotRequired[bool | None]


class UserPage(TypedDict):
    users: list[Account]
    next_cursor: str | None
    """
    The cursor of the next page; null at the end.
    """


class UserChange(TypedDict):
    role: NotRequired[Literal['admin', 'member'] | None]
    disabled: NotRequired[bool | None]


class HandOver(TypedDict):
    to: str
    """
    The id of the user who gets them, and is not disabled.
    """


class HandedOver(TypedDict):
    projects: int
    api_keys: int
    left: int
    """
    Keys with the scope `admin` or `verify:all_keys` that stay, as the other user is no administrator.
    """


PairLoginAnswer: TypeAlias = TokenPair | UnfinishedLogin | FactorSetup


CompletedLogin: TypeAlias = SessionLogin | TokenPair


class PasskeyOptionsRequest(TypedDict):
    mfa_token: NotRequired[str | None]


class PasskeyOptions(TypedDict):
    ok: Literal[True]
    token: NotRequired[str]
    public_key: dict[str, Any]
    """
    PublicKeyCredentialRequestOptionsJSON of WebAuthn.
    """


class Proof(TypedDict):
    """
    Without a second factor the password, else one of the others.
    """

    password: NotRequired[str | None]
    code: NotRequired[str | None]
    recovery_code: NotRequired[str | None]
    token: NotRequired[str | None]
    """
    With credential: the one of GET /v1/auth/factors.
    """
    credential: NotRequired[PasskeyAnswer | None]


class CreateFactor(TypedDict):
    type: Literal['totp', 'passkey', 'recovery_codes']
    name: NotRequired[str | None]


class FactorConfirmation(TypedDict):
    code: NotRequired[str | None]
    credential: NotRequired[PasskeyAnswer | None]


class ConfirmedFactor(Factor):
    recovery_codes: NotRequired[RecoveryCodes]


class TokenRequest(ClientCredentials):
    grant_type: Literal['client_credentials']
    scope: NotRequired[str]
    """
    At most the scopes that the key holds; all of them if absent. read and write mean those of them that the key holds.
    """
    resource: NotRequired[list[str]]
    """
    The APIs that the token is for (RFC 8707), each an absolute URI, as a parameter of its own; an empty one is none. The deployment lists them; the issuer stands for this API. The token opens no others. Without it the token is for all APIs of the deployment.
    """


class ClientToken(TypedDict):
    access_token: str
    """
    A JWT.
    """
    token_type: Literal['bearer']
    expires_in: int
    """
    Seconds.
    """
    scope: str
    """
    The scopes that were granted, written as in the request if all of those were granted.
    """


class IntrospectionRequest(ClientCredentials):
    token: str
    token_type_hint: NotRequired[str]
    """
    Only refresh_token matters: without it a refresh token is not active.
    """


class Introspection(TypedDict):
    active: bool
    scope: NotRequired[str]
    client_id: NotRequired[str]
    username: NotRequired[str]
    """
    The e-mail address of the user, or of the key's owner.
    """
    token_type: NotRequired[Literal['bearer', 'refresh_token']]
    exp: NotRequired[int]
    iat: NotRequired[int]
    sub: NotRequired[str]
    aud: NotRequired[list[str]]
    """
    The APIs that a token is for.
    """
    iss: NotRequired[str]
    """
    The issuer, as in the metadata.
    """
    jti: NotRequired[str]


class RevocationRequest(ClientCredentials):
    token: str
    token_type_hint: NotRequired[str]
    """
    Not needed.
    """


class Regeneration(TypedDict):
    grace_seconds: NotRequired[int | None]
    """
    Seconds for which the old secret stays good; at most what the deployment allows (7 days by default).
    """


class Leak(TypedDict):
    token: str
    type: NotRequired[str]
    """
    The scanner's name for the rule that matched.
    """
    url: NotRequired[str]
    """
    Where it was found; it may be empty.
    """
    source: NotRequired[str]


class LeakResult(TypedDict):
    token_hash: str
    """
    SHA-256 of the token.
    """
    token_type: str
    label: Literal['true_positive', 'false_positive']
    """
    true_positive if it is, or was, a secret of this deployment.
    """


class CreateProject(TypedDict):
    """
    name and label are the same: send one. null is the same as absent.
    """

    name: NotRequired[Label | None]
    label: NotRequired[Label | None]
    color: NotRequired[str | None]
    """
    A CSS color, hexadecimal or by name, for programs that show the project.
    """
    key_prefix: NotRequired[str | None]
    """
    The text that its scoped keys begin with; not sk_, ck_ or ro_.
    """


class CreateRun(TypedDict):
    project_id: NotRequired[str | None]
    """
    The id of the project; the caller's own project if absent.
    """


class StartedRun(TypedDict):
    ok: Literal[True]
    id: str
    status: Literal['running']


class Ticket(TypedDict):
    token: str
    expires_in: int
    """
    Seconds; fewer than 60 only if the credential that made it expires earlier.
    """


class AddEvents(TypedDict):
    """
    Events, a status, or both: at least one event, unless the status is pass or fail.
    """

    events: NotRequired[list[AddEvent] | None]
    status: NotRequired[Literal['running', 'pass', 'fail'] | None]
    """
    pass or fail ends the run with these events.
    """


class AppendedEvents(TypedDict):
    ok: Literal[True]
    status: RunStatus
    first_seq: int
    last_seq: int
    """
    The number of the last event, which may be the end event that the service adds.
    """


class EventPage(TypedDict):
    ok: Literal[True]
    status: RunStatus
    events: list[Event]
    cursor: str
    """
    The cursor for the next poll.
    """
    finished: bool
    """
    The run has ended and this is its last event.
    """
    poll_after_ms: int
    """
    Milliseconds to wait before the next poll; 0 if there are more events already, or if the run is finished.
    """


class Health(TypedDict):
    status: Literal['ok']
    version: str
    """
    The release that is deployed.
    """


class CurrentCredential(TypedDict):
    type: Literal['user', 'key', 'client']
    """
    client means a token that was made from a key.
    """
    id: str
    """
    The id of the session or of the key.
    """
    scopes: list[Scope]
    expires_at: str | None


class RefreshByToken(TypedDict):
    refresh_token: str
    cookie: NotRequired[bool | None]


class RefreshByCookie(TypedDict):
    cookie: Literal[True]
    refresh_token: NotRequired[str | None]


class ProofState(TypedDict):
    """
    What POST /v1/auth/factors/proof takes.
    """

    until: str | None
    """
    Until when the session has a proof.
    """
    methods: list[Literal['password', 'totp', 'passkey', 'recovery_code']]
    token: NotRequired[str]
    public_key: NotRequired[dict[str, Any]]
    """
    PublicKeyCredentialRequestOptionsJSON of WebAuthn.
    """


class BegunApp(Factor):
    secret: str
    """
    Base32, to be typed.
    """
    uri: str
    qr: str
    """
    The URI as a QR code: an SVG image.
    """


class BegunPasskey(Factor):
    public_key: dict[str, Any]
    """
    PublicKeyCredentialCreationOptionsJSON of WebAuthn.
    """


class NewRecoveryCodes(TypedDict):
    recovery_codes: RecoveryCodes


class PublicKey(TypedDict):
    kty: Literal['EC', 'RSA']
    use: Literal['sig']
    alg: Literal['ES256', 'RS256']
    kid: str
    crv: NotRequired[Literal['P-256']]
    x: NotRequired[str]
    y: NotRequired[str]
    n: NotRequired[str]
    e: NotRequired[str]


class ProjectPage(TypedDict):
    projects: list[Project]
    next_cursor: str | None
    """
    The cursor of the next page; null at the end.
    """


class FieldError(TypedDict):
    field: str
    """
    The name of the field; empty for the body as a whole.
    """
    message: str


class ImportResult(TypedDict):
    line: int
    """
    Its number in the body, where empty lines count too.
    """
    status: Literal['created', 'exists', 'refused']
    """
    exists: it was imported before, and nothing has changed.
    """
    id: NotRequired[str]
    error: NotRequired[str]
    """
    Why it was refused.
    """
    fields: NotRequired[list[FieldError]]


class TwoPlaces(TypedDict):
    addresses: list[str]
    at: str


class UsageCounts(TypedDict):
    requests: int
    """
    All of them, those that were refused too.
    """
    refusals: int


class UsageRow(TypedDict):
    start: str
    """
    When the hour or day begins.
    """
    group: str | None
    """
    The id of the key, customer or project, the route or the outcome; null for a key of no customer, for a route that is not known, and if nothing is grouped.
    """
    requests: int
    """
    All of them, those that were refused too.
    """
    refusals: int


class UsageOfGroup(TypedDict):
    group: str | None
    """
    As in the rows.
    """
    name: str | None
    """
    What the key, customer or project is called, while it is there.
    """
    external_id: NotRequired[str]
    """
    Your own name of the customer.
    """
    requests: int
    """
    All of them, those that were refused too.
    """
    refusals: int


class Quota(TypedDict):
    """
    What a key may spend in a day or a month of UTC, or without a period in all: credits. A request costs 1, or what POST /v1/keys/verify says.
    """

    limit: int
    period: NotRequired[Literal['day', 'month'] | None]


class QuotaChange(TypedDict):
    """
    A merge patch of a quota. A key without one needs a limit.
    """

    limit: NotRequired[int]
    period: NotRequired[Literal['day', 'month'] | None]
    """
    null for credits.
    """


class QuotaState(TypedDict):
    limit: int
    period: NotRequired[Literal['day', 'month']]
    """
    Absent: credits.
    """
    remaining: int
    reset: NotRequired[int]
    """
    Epoch seconds at which the period ends; absent for credits.
    """
    retry_after: NotRequired[int]
    """
    Seconds until then, if the quota refuses the request.
    """


class RateLimitsChange(TypedDict):
    auth: NotRequired[int | None]
    management: NotRequired[int | None]
    read: NotRequired[int | None]
    write: NotRequired[int | None]


class LimitState(TypedDict):
    """
    The values for the headers X-RateLimit-… and Retry-After of your own answer.
    """

    category: Literal['auth', 'management', 'read', 'write']
    limit: int
    remaining: int
    reset: int
    """
    Epoch seconds at which the window ends.
    """
    window: int
    """
    Seconds.
    """
    retry_after: NotRequired[int]
    """
    Seconds until then, if the limit is reached.
    """


class Owner(TypedDict):
    """
    Who answers for the key: in the lists that an administrator asks for with `owner`.
    """

    id: str
    email: str


class AuditActor(TypedDict):
    type: Literal['user', 'key', 'client', 'scanner', 'unknown']
    id: str
    """
    Empty if unknown; of a scanner the host of its public keys.
    """


class AccountActor(TypedDict):
    type: Literal['user', 'key', 'client', 'scanner', 'operator', 'unknown']
    id: str
    """
    Empty for an operator, who has called a function of Latchkey in AWS, and if unknown.
    """


OpenAPIDocument: TypeAlias = dict[str, Any]


class Problem(TypedDict):
    """
    An error (RFC 9457). A 5xx has no detail, unless the request is to be repeated. Under /v1/ it has ok and error as well.
    """

    type: Literal['about:blank']
    title: str
    status: NotRequired[int]
    detail: NotRequired[str]
    ok: NotRequired[bool]
    """
    Always false.
    """
    error: NotRequired[str]
    """
    The detail; the title of a 5xx.
    """
    error_code: Literal['INVALID_JSON', 'INVALID_PARAMETER', 'MULTIPLE_CREDENTIALS', 'MISSING_CREDENTIALS', 'INVALID_CREDENTIALS', 'TOKEN_EXPIRED', 'TOKEN_INVALID', 'API_KEY_INVALID', 'API_KEY_EXPIRED', 'API_KEY_REVOKED', 'API_KEY_DISABLED', 'INSUFFICIENT_SCOPE', 'FORBIDDEN', 'ACCOUNT_DISABLED', 'PROOF_REQUIRED', 'RESOURCE_NOT_FOUND', 'DUPLICATE_RESOURCE', 'FACTOR_REQUIRED', 'KEY_REVOKED', 'BODY_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE', 'VALIDATION_ERROR', 'RATE_LIMIT_EXCEEDED', 'QUOTA_EXCEEDED', 'SERVICE_UNAVAILABLE']
    request_id: str
    fields: NotRequired[list[FieldError]]
    """
    Only in a 422: the fields that are wrong.
    """
    progress: NotRequired[dict[str, int]]
    """
    Only in the 503 of a request that is to be repeated: how much of each kind it has done.
    """


class SecondStep(TypedDict):
    """
    One of code, recovery_code and credential.
    """

    mfa_token: str
    code: NotRequired[str | None]
    """
    Of an authenticator app: six digits.
    """
    recovery_code: NotRequired[str | None]
    credential: NotRequired[PasskeyAnswer | None]
    cookie: NotRequired[bool | None]
    """
    Below /api/auth/, for a page of this origin: keep the refresh token in a cookie.
    """


class Session(TypedDict):
    id: str
    name: str
    """
    What people call the device: Chrome on Linux, curl, latchkey 1.4 on macOS. It follows from device, so who logs in can choose it.
    """
    device: str
    """
    The user agent that logged in.
    """
    address: str
    created_at: str
    last_used_at: str
    expires_at: str
    current: bool
    """
    true if the credential of this request belongs to this session.
    """
    refreshed_from_two_places: TwoPlaces | None
    """
    The last time that one refresh token came from two addresses within 10 seconds: the client changed its network, or somebody else has its tokens. null if it never did.
    """


RateLimitChange: TypeAlias = int | RateLimitsChange
"""
One number for all categories, or an object with a number for some.
"""


class Verify(TypedDict):
    """
    Either key, with what is known of the request that presented it, or keys.
    """

    key: NotRequired[str]
    """
    As it was presented.
    """
    method: NotRequired[Literal['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', '']]
    """
    Of the request that presented it. GET and HEAD count as read, all others as write; if absent, read.
    """
    path: NotRequired[str]
    """
    Of that request; needs method. Unless scopes are given, the key's scopes must open it, as at the authorizer.
    """
    scopes: NotRequired[list[ScopeSpelling]]
    """
    What the request needs: the key must hold all of them.
    """
    address: NotRequired[str]
    """
    The IP address that sent it. A key that is bound to addresses is FORBIDDEN without.
    """
    api: NotRequired[str]
    """
    The name of your API in the key's log; Latchkey's own if absent.
    """
    cost: NotRequired[int]
    """
    What the request takes from the key's quota, if it has one; absent, 1. If less is left, nothing is taken, and the key is QUOTA_EXCEEDED. Against the limit it counts once.
    """
    keys: NotRequired[list[PresentedKey]]
    dry_run: NotRequired[bool]
    """
    Count nothing and log nothing. Then nothing is known of the limit; of a quota, what is left.
    """


class Verified(TypedDict):
    """
    Without the whole key only valid and code are known, and the limit on wrong keys if it is reached.
    """

    valid: bool
    code: Literal['VALID', 'API_KEY_INVALID', 'API_KEY_EXPIRED', 'API_KEY_REVOKED', 'API_KEY_DISABLED', 'INSUFFICIENT_SCOPE', 'FORBIDDEN', 'RATE_LIMIT_EXCEEDED', 'QUOTA_EXCEEDED', 'SERVICE_UNAVAILABLE']
    key_id: NotRequired[str]
    label: NotRequired[str]
    type: NotRequired[KeyType]
    owner_id: NotRequired[str]
    project_id: NotRequired[str]
    customer_id: NotRequired[str]
    """
    Absent: it was made for no customer.
    """
    scopes: NotRequired[list[Scope]]
    metadata: NotRequired[dict[str, str]]
    expires_at: NotRequired[str | None]
    """
    Of the secret that was presented: an old one ends with its grace.
    """
    limit: NotRequired[LimitState]
    quota: NotRequired[QuotaState]
    headers: dict[str, str]
    """
    For your own answer: those of the limit and of the quota, and with a refusal WWW-Authenticate or Retry-After.
    """
    problem: NotRequired[Problem]
    """
    The body of your own answer, if the key is not valid; its status is the status.
    """


class KeyChange(TypedDict):
    """
    What is to change: label and name are the same, and so are scopes and permissions: send one of each.
    """

    label: NotRequired[Label]
    name: NotRequired[Label]
    scopes: NotRequired[list[ScopeSpelling]]
    permissions: NotRequired[list[ScopeSpelling]]
    expires_at: NotRequired[str | None]
    """
    A time in the future; null for never.
    """
    rate_limit: NotRequired[RateLimitChange | None]
    """
    One number for all categories; or an object with a number for some, null for the deployment's limit; or null for the deployment's limits.
    """
    quota: NotRequired[QuotaChange | None]
    """
    null for none. While the period stays, what is spent of it stays spent. Another period begins with nothing spent. Of credits the limit is what is left then, whenever it is sent.
    """
    metadata: NotRequired[dict[str, str | None]]
    """
    Names to set, and with null names to remove; null for none at all.
    """
    allowed_ips: NotRequired[list[str] | None]
    """
    IP addresses and CIDR blocks; null or empty for any address.
    """
    disabled: NotRequired[bool]
    owner: NotRequired[str]
    """
    Alone, and for administrators who are logged in: hands the key to that user. It keeps its secret and project.
    """
    previous_valid_until: NotRequired[str | None]
    """
    Ends the secret before the last regeneration now: null, and nothing else.
    """


class CreateKey(TypedDict):
    """
    label and name are the same, and so are scopes and permissions: send one of each. null is the same as absent.
    """

    name: NotRequired[Label | None]
    label: NotRequired[Label | None]
    type: NotRequired[Literal['scoped', 'secret', 'server', 'client', 'read_only'] | None]
    """
    server is another word for secret. Absent, it is scoped.
    """
    project_id: NotRequired[str | None]
    """
    The id of the project; the caller's own project if absent.
    """
    customer_id: NotRequired[str | None]
    """
    The customer for whom it is: it is of the customer's project, and opens none but the customer's scopes.
    """
    scopes: NotRequired[ScopeList]
    permissions: NotRequired[ScopeList]
    expires_at: NotRequired[str | None]
    """
    A time in the future.
    """
    rate_limit: NotRequired[RateLimit | None]
    """
    One number for all categories, or an object with a number for each.
    """
    quota: NotRequired[Quota | None]
    metadata: NotRequired[dict[str, str]]
    allowed_ips: NotRequired[list[str] | None]
    """
    IP addresses and CIDR blocks from which the key may be used; any address if empty.
    """


class ImportedKey(TypedDict):
    """
    What is not said here is as for CreateKey, but scopes or permissions must be given.
    """

    hash: str
    """
    SHA-256 of the whole key, or of salt and key: 64 hexadecimal digits, or base64 of 32 bytes.
    """
    identifier: NotRequired[str]
    """
    Of a key with a dot: what stands before the dot. Only such a key can have a salt.
    """
    salt: NotRequired[str | None]
    """
    The salt as text.
    """
    salt_base64: NotRequired[str | None]
    """
    The salt, if it is no text.
    """
    salt_after: NotRequired[bool | None]
    """
    The salt was hashed after the key, not before it.
    """
    prefix: NotRequired[str]
    """
    How the key begins: lists show up to 8 characters of it.
    """
    name: NotRequired[Label | None]
    label: NotRequired[Label | None]
    type: NotRequired[Literal['scoped', 'secret', 'server', 'client', 'read_only'] | None]
    """
    Absent, it is scoped.
    """
    project_id: NotRequired[str | None]
    customer_id: NotRequired[str | None]
    """
    The customer for whom it is: it is of the customer's project, and opens none but the customer's scopes.
    """
    scopes: NotRequired[ScopeList]
    permissions: NotRequired[ScopeList]
    expires_at: NotRequired[str | None]
    rate_limit: NotRequired[RateLimit | None]
    quota: NotRequired[Quota | None]
    metadata: NotRequired[dict[str, str]]
    allowed_ips: NotRequired[list[str] | None]


class ImportSummary(TypedDict):
    created: int
    exists: int
    refused: int
    results: list[ImportResult]


class Key(TypedDict):
    """
    name and label have the same value, and so do scopes and permissions, created_at and createdAt.
    """

    id: str
    name: str
    label: str
    key: str
    """
    The full key only in the answer that made it; otherwise its first 8 characters and a mask.
    """
    type: KeyType
    project_id: str
    customer_id: str | None
    """
    The customer for whom it was made. Its status is its own: a disabled or deleted customer's keys open nothing.
    """
    scopes: list[Scope]
    permissions: list[Scope]
    status: Literal['active', 'disabled', 'revoked', 'expired']
    disabled: bool
    """
    A disabled key, and what was made from it, opens nothing until it is enabled again. A key may have ended while it was disabled: then its status says so.
    """
    created_at: str
    createdAt: str
    created_by: str | None
    """
    The id of the key that made it; null if a user did.
    """
    expires_at: str | None
    revoked_at: str | None
    previous_valid_until: str | None
    """
    Until when the secret before the last regeneration is good too; null if it is not.
    """
    last_used_at: str | None
    rate_limit: RateLimits | None
    quota: QuotaState | None
    metadata: dict[str, str]
    allowed_ips: list[str]
    owner: NotRequired[Owner]


class ChainHead1(TypedDict):
    """
    The newest change in the chain, kept apart from the entries. Null where no release with a chain has changed anything.
    """

    seq: int
    hash: EntryHash
    expires_at: str
    """
    When that entry may be gone.
    """


ChainHead: TypeAlias = ChainHead1 | None
"""
The newest change in the chain, kept apart from the entries. Null where no release with a chain has changed anything.
"""


class ChainLink(TypedDict):
    """
    Of an entry that records a change: its place in the chain of the changes. An entry of an older release has none.
    """

    seq: int
    previous: NotRequired[EntryHash]
    """
    The hash of the entry before; the first has none.
    """
    previous_expires_at: NotRequired[str]
    """
    Until when the entry before is kept.
    """
    hash: EntryHash


class AccountEntry(TypedDict):
    """
    Something that happened to an account. An entry sign_in_refused or proof_refused counts the refusals of one hour from one address for one reason, with the details of the first.
    """

    id: str
    """
    A ULID.
    """
    user_id: str
    at: str
    """
    The time; if the action is sign_in_refused or proof_refused, the hour.
    """
    action: str
    """
    signed_in, sign_in_refused, proof_refused, recovery_code_used, session_ended, sessions_ended (all but detail.but); and the changes registered, imported, restored, role_changed, disabled, enabled, deleted, password_changed, password_reset, link_made, address_verified, factor_added, factor_removed, recovery_codes_made, keys_handed_over. Later releases may have more.
    """
    actor: AccountActor
    address: NotRequired[str]
    """
    Absent if there was none, and after the user was deleted; so are user_agent, label and salt.
    """
    user_agent: NotRequired[str]
    label: NotRequired[str]
    """
    What the person called what was added or removed, or the device of a session that ended.
    """
    salt: NotRequired[str]
    person_hash: EntryHash
    """
    SHA-256 over those of the members address, user_agent, label and salt that the entry has, in the canonical form of RFC 8785. The hash of the entry is over this member, and not over those.
    """
    request_id: str
    detail: NotRequired[dict[str, str]]
    """
    For example from and to of a changed role, the session of a sign-in, or because: why a sign-in was refused, or a session ended.
    """
    count: NotRequired[int]
    """
    How many were refused.
    """
    expires_at: str
    """
    Until when the entry is kept.
    """
    chain: NotRequired[ChainLink]


class CustomerEntry(TypedDict):
    """
    A change of a customer.
    """

    id: str
    """
    A ULID.
    """
    customer_id: str
    project_id: str
    at: str
    action: str
    """
    created, updated, disabled, enabled, restored or deleted. Later releases may have more.
    """
    actor: AuditActor
    address: str
    user_agent: str
    request_id: str
    detail: NotRequired[dict[str, str]]
    """
    Of created: scopes, rate_limit and quota. Of a change: <field>_from and <field>_to of each of them that changed.
    """
    personal: NotRequired[dict[str, str]]
    """
    The same of external_id, name and metadata. It is erased when the customer is deleted; so is salt.
    """
    salt: NotRequired[str]
    person_hash: NotRequired[EntryHash]
    """
    Of an entry that has or had personal: SHA-256 over an object with the members personal and salt, in the canonical form of RFC 8785. The hash of the entry is over this member, and not over those.
    """
    expires_at: str
    """
    Until when the entry is kept.
    """
    chain: NotRequired[ChainLink]


class Run(TypedDict):
    """
    started_at and startedAt have the same value. baseUrl and steps are empty; some clients expect them.
    """

    id: str
    status: RunStatus
    project: str
    project_id: str
    started_at: str
    startedAt: str
    ended_at: str | None
    """
    null while the run runs.
    """
    durationMs: int
    """
    Milliseconds from start to end; 0 while it runs.
    """
    last_seq: int
    """
    The number of its newest event; 0 if it has none.
    """
    baseUrl: Literal['']
    steps: list[Any]


class AccountDetails(Account):
    sessions: list[Session]
    sessions_next_cursor: str | None
    api_keys: list[Key]
    api_keys_next_cursor: str | None


class Me(TypedDict):
    ok: Literal[True]
    user: Caller
    credential: CurrentCredential


Refresh: TypeAlias = RefreshByToken | RefreshByCookie


class SessionPage(TypedDict):
    sessions: list[Session]
    next_cursor: str | None
    """
    The cursor of the next page; null at the end.
    """


class FactorList(TypedDict):
    factors: list[Factor]
    recovery_codes_left: int
    proof: ProofState


BegunFactor: TypeAlias = BegunApp | BegunPasskey | NewRecoveryCodes


class PublicKeys(TypedDict):
    keys: list[PublicKey]


class KeyPage(TypedDict):
    api_keys: list[Key]
    next_cursor: str | None
    """
    The cursor of the next page; null at the end.
    """


class RevokedKey(Key):
    also_revoked: int
    """
    How many keys that came from it this request revoked.
    """


ProjectList: TypeAlias = ProjectPage | list[Project]


class VerifiedKeys(TypedDict):
    results: list[Verified]


class Customer(TypedDict):
    id: str
    external_id: str
    name: str
    """
    Empty if it has none.
    """
    project_id: str
    scopes: list[Scope] | None
    """
    The most that its keys open; null: what each of them has.
    """
    rate_limit: RateLimits | None
    quota: QuotaState | None
    metadata: dict[str, str]
    disabled: bool
    created_at: str


class CustomerPage(TypedDict):
    customers: list[Customer]
    next_cursor: str | None
    """
    The cursor of the next page; null at the end.
    """


Usage = TypedDict(
    'Usage',
    {
        'from': str,
        'to': str,
        'by': Literal['hour', 'day'],
        'group': str | None,
        'usage': list[UsageRow],
        'total': UsageCounts,
        'groups': list[UsageOfGroup],
        'next_cursor': str | None,
    },
)


class CreateCustomer(TypedDict):
    """
    null is the same as absent.
    """

    external_id: str
    """
    Your own name of the customer.
    """
    name: NotRequired[Label | str | None]
    project_id: NotRequired[str | None]
    """
    The id of the project; the caller's own project if absent.
    """
    scopes: NotRequired[list[ScopeSpelling] | None]
    """
    The most that its keys open.
    """
    rate_limit: NotRequired[RateLimit | None]
    quota: NotRequired[Quota | None]
    metadata: NotRequired[dict[str, str]]


class CustomerChange(TypedDict):
    name: NotRequired[Label | None]
    scopes: NotRequired[list[ScopeSpelling] | None]
    """
    null for no ceiling.
    """
    rate_limit: NotRequired[RateLimitChange | None]
    quota: NotRequired[QuotaChange | None]
    metadata: NotRequired[dict[str, str | None]]
    disabled: NotRequired[bool]


class AuditEntry(TypedDict):
    """
    A change of a key. Or, with the action used: its uses in one hour, on one API, from one address, on one route. Or, with the action refused: the requests in one hour that named the key without its secret, with the details of the first.
    """

    id: str
    """
    A ULID.
    """
    key_id: str
    owner_id: str
    """
    Whose key it was.
    """
    project_id: str
    at: str
    """
    The time; if the action is used or refused, the hour.
    """
    action: Literal['created', 'updated', 'regenerated', 'revoked', 'deleted', 'token_issued', 'token_revoked', 'used', 'refused']
    actor: AuditActor
    address: str
    user_agent: str
    request_id: str
    detail: NotRequired[dict[str, str]]
    """
    For example cascade_from: the key with which this one was revoked. Of a change that is updated: <field>_from and <field>_to of each field that changed.
    """
    api: NotRequired[str]
    """
    For a use: the API's id and its stage, as in a1b2c3d4e5/prod.
    """
    route: NotRequired[str]
    count: NotRequired[int]
    """
    The number of uses. Each is counted once, usually within a minute.
    """
    refusals: NotRequired[int]
    """
    The number of uses that were refused.
    """
    expires_at: str
    """
    Until when the entry is kept.
    """
    chain: NotRequired[ChainLink]


class AccountLog(TypedDict):
    entries: list[AccountEntry]
    next_cursor: str | None
    """
    The cursor of the next page; null at the end.
    """
    head: ChainHead


class CustomerLog(TypedDict):
    entries: list[CustomerEntry]
    next_cursor: str | None
    """
    The cursor of the next page; null at the end.
    """
    head: ChainHead


class AuditLog(TypedDict):
    entries: list[AuditEntry]
    next_cursor: str | None
    """
    The cursor of the next page; null at the end.
    """
    head: ChainHead


VerifyAnswer: TypeAlias = Verified | VerifiedKeys
