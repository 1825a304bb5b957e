package checkup

import (
	"context"
	"net/http"
	"sync"

	"github.com/aws/aws-sdk-go-v2/config"
)

// Options name the deployment to examine.
type Options struct {
	Stack string
	URL   string       // where the deployment answers; "" is the address that the stack names
	Token string       // an access token of the deployment, to compare clocks; it is not sent
	HTTP  *http.Client // must not follow redirects
}

// atOnce is how many checks run at the same time: API Gateway takes ten calls a second from an account.
const atOnce = 4

// attempts of a call of AWS, where three are usual: a doctor that gives up has examined nothing.
const attempts = 6

// A check looks at one part of the deployment. An error is something that it could not look at.
type check struct {
	name string
	run  func(context.Context, *deployment, *sheet) error
}

// ofStack are the checks that read AWS's APIs, and ofAddress those that ask the deployment.
var (
	ofStack = []check{
		{"stack", checkStack}, {"parameters", checkParameters},
		{"table", checkTable}, {"time to live", checkTimeToLive}, {"backups", checkBackups},
		{"pepper", checkPepper}, {"signing secret", checkSigningSecret}, {"key pair", checkKeyPair}, {"KMS key", checkKey},
		{"functions", checkFunctions}, {"settings of functions", checkSettings}, {"concurrency", checkConcurrency},
		{"authorizers", checkAuthorizers},
		{"stage", checkStage}, {"gateway responses", checkGatewayResponses}, {"own authorizer", checkOwnAuthorizer},
		{"REST APIs behind the authorizer", checkRESTAPIs}, {"HTTP APIs behind the authorizer", checkHTTPAPIs}, {"cached stages", checkCachedStages},
		{"uses of keys", checkUses}, {"logs", checkLogs}, {"audit export", checkExport},
		{"alarms", checkAlarms}, {"the last day", checkLastDay},
	}
	ofAddress = []check{
		{"address", checkAddress}, {"version", checkVersion}, {"issuer", checkIssuer}, {"public keys", checkPublicKeys},
		{"catalogue", checkCatalogue}, {"refusals", checkRefusals}, {"pages of other origins", checkOrigins}, {"clock", checkClock},
	}
)

// Examine makes every check that it can.
func Examine(ctx context.Context, o Options) Report {
	d := &deployment{http: o.HTTP, url: o.URL, token: o.Token}
	r := Report{Stack: o.Stack, Findings: []Finding{}, NotChecked: []Gap{}, Sound: []string{}}
	var checks []check
	if err := d.find(ctx, o.Stack); err != nil {
		r.NotChecked = append(r.NotChecked, gapOf("all that is on AWS", err))
	} else {
		checks = append(checks, ofStack...)
	}
	if r.URL = d.url; r.URL == "" {
		r.NotChecked = append(r.NotChecked, Gap{Check: "all that it answers", Reason: "the address is not known; use --url or LATCHKEY_URL"})
	} else {
		checks = append(checks, ofAddress...)
	}
	for _, s := range runAll(ctx, d, checks) {
		r.Findings = append(r.Findings, s.findings...)
		r.NotChecked = append(r.NotChecked, s.gaps...)
		if len(s.findings)+len(s.gaps) == 0 {
			r.Sound = append(r.Sound, s.check)
		}
	}
	r.sort()
	return r
}

// runAll returns a sheet for each check, in their order.
func runAll(ctx context.Context, d *deployment, checks []check) []*sheet {
	sheets, slots := make([]*sheet, len(checks)), make(chan struct{}, atOnce)
	var running sync.WaitGroup
	for i, c := range checks {
		sheets[i] = &sheet{check: c.name}
		running.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			sheets[i].gap(c.run(ctx, d, sheets[i]))
		})
	}
	running.Wait()
	return sheets
}

// find reads what is deployed. The address is known afterwards, if the stack tells it.
func (d *deployment) find(ctx context.Context, name string) error {
	cfg, err := config.LoadDefaultConfig(ctx, config.WithRetryMaxAttempts(attempts))
	if err != nil {
		return err
	}
	d.aws = newServices(cfg)
	if d.stack, err = readStack(ctx, d.aws.formation, name); err != nil {
		return err
	}
	if d.url == "" {
		d.url = d.stack.address()
	}
	return nil
}
