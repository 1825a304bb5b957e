package checkup

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/latchkey/latchkey/shared/secret"
)

const (
	day = 24 * time.Hour
	old = 365 * day // of a secret that nobody rotates
)

// A ring is one of the deployment's secrets.
type ring struct {
	logical, title string
	rotation       string // the parameter with the days between two rotations
	loss           string // what is so while it cannot be read
	lost           string // what to do if it is gone for good
}

var (
	pepper = ring{"PepperSecret", "the pepper", "PepperRotationDays", "No API key can be checked, or made.",
		"Put its value back from your backup (docs/deploy.md): no other pepper checks the keys that exist."}
	signing = ring{"SigningSecret", "the secret that signs tokens", "SigningRotationDays", "Nobody can log in, and no token can be checked.",
		"Deploy a stack with a new one; every login ends. docs/operations.md has the form of its value."}
	private = ring{"PrivateKeysSecret", "the key pair that signs tokens", "SigningRotationDays", "Nobody can log in.",
		"Deploy a stack with a new one; every login ends."}
	public = ring{"PublicKeysSecret", "the public keys", "", "No token can be checked.",
		"Deploy a stack with new ones; every login ends."}
)

func checkPepper(ctx context.Context, d *deployment, s *sheet) error {
	return d.checkRing(ctx, s, pepper)
}

func checkSigningSecret(ctx context.Context, d *deployment, s *sheet) error {
	return d.checkRing(ctx, s, signing)
}

// checkKeyPair has nothing to look at where tokens are signed with HS256.
func checkKeyPair(ctx context.Context, d *deployment, s *sheet) error {
	for _, r := range []ring{private, public} {
		if d.stack.id(r.logical) == "" {
			continue
		}
		if err := d.checkRing(ctx, s, r); err != nil {
			return err
		}
	}
	return nil
}

func (d *deployment) checkRing(ctx context.Context, s *sheet, r ring) error {
	id := d.stack.id(r.logical)
	found, err := d.aws.secrets.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &id})
	if isCode(err, "ResourceNotFoundException") {
		s.add(Finding{Severity: Broken, What: r.title + " does not exist", Why: r.loss, Do: r.lost})
		return nil
	}
	if err != nil {
		return err
	}
	if found.DeletedDate != nil {
		s.add(Finding{Severity: Broken, What: r.title + " is about to be deleted", Why: r.loss + " Secrets Manager deletes it for good after its recovery window.",
			Do: "Restore it.", Command: "aws secretsmanager restore-secret --secret-id " + id})
		return nil
	}
	d.checkRotation(s, r, found)
	value, err := d.aws.secrets.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &id})
	if err != nil {
		return err
	}
	if _, err := secret.ParseRing(aws.ToString(value.SecretString)); err != nil {
		s.add(Finding{Severity: Broken, What: r.title + " has a value that no function accepts (" + err.Error() + ")", Why: r.loss,
			Do:      "Make the version before the current one again.",
			Command: fmt.Sprintf("aws secretsmanager update-secret-version-stage --secret-id %s --version-stage AWSCURRENT --remove-from-version-id %s%s", id, aws.ToString(value.VersionId), before(found))})
	}
	return nil
}

// before is the option that names the version before the current one.
func before(found *secretsmanager.DescribeSecretOutput) string {
	for version, stages := range found.VersionIdsToStages {
		for _, stage := range stages {
			if stage == "AWSPREVIOUS" {
				return " --move-to-version-id " + version
			}
		}
	}
	return ""
}

func (d *deployment) checkRotation(s *sheet, r ring, found *secretsmanager.DescribeSecretOutput) {
	id, changed := d.stack.id(r.logical), latest(found.CreatedDate, found.LastChangedDate, found.LastRotatedDate)
	days, _ := strconv.Atoi(d.stack.parameters[r.rotation])
	switch age := time.Since(changed); {
	case days > 0 && !aws.ToBool(found.RotationEnabled):
		s.add(Finding{Severity: Risk, What: fmt.Sprintf("%s should be rotated every %d days, and its rotation is off", r.title, days),
			Why: "It stays the same until somebody rotates it.", Do: "Switch its rotation on again.",
			Command: "aws secretsmanager rotate-secret --secret-id " + id})
	case days > 0 && age > time.Duration(days+2)*day:
		s.add(Finding{Severity: Risk, What: fmt.Sprintf("%s was last rotated %d days ago; it should be every %d", r.title, int(age/day), days),
			Why: "Its rotation fails.", Do: "Look for `rotation failed` in the functions' log, mend the cause, and rotate it.",
			Command: "aws secretsmanager rotate-secret --secret-id " + id})
	case days == 0 && r.rotation != "" && age > old:
		s.add(Finding{Severity: Note, What: fmt.Sprintf("%s is %d days old, and nothing rotates it", r.title, int(age/day)),
			Why: "Who ever saw it can use it still.", Do: "Deploy with " + r.rotation + ", such as 90. No key and no login ends."})
	}
}

func latest(times ...*time.Time) (last time.Time) {
	for _, t := range times {
		if t != nil && t.After(last) {
			last = *t
		}
	}
	return last
}
