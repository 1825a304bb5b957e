package checkup

import (
	"context"

	"github.com/latchkey/latchkey/shared/release"
)

func checkVersion(ctx context.Context, d *deployment, s *sheet) error {
	var openapi struct{ Info struct{ Version string } }
	if err := d.document(ctx, "/openapi.json", &openapi); err != nil {
		return err
	}
	if deployed := openapi.Info.Version; deployed != release.Version {
		s.add(Finding{Severity: Note, What: "the deployment is version " + deployed + ", this command " + release.Version,
			Why: "One of them does not know what the other does: findings may be missing or wrong.", Do: "Use the command of the deployment's release, or deploy this one."})
	}
	return nil
}
