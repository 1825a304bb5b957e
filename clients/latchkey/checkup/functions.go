package checkup

import (
	"context"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// A function is what Lambda says of one function of the stack.
type function struct {
	name, arn string
	state     types.State
	reason    string // of a state that is not Active
	update    types.LastUpdateStatus
	variables map[string]string
	logGroup  string
}

// allFunctions reads the stack's functions once for all checks. The error is of those that could not be read; those that
// do not exist have the zero function.
func (d *deployment) allFunctions(ctx context.Context) (map[string]function, error) {
	d.reading.Do(func() {
		logical := d.stack.of("AWS::Lambda::Function")
		found, errs := make([]function, len(logical)), make([]error, len(logical))
		slots := make(chan struct{}, atOnce)
		var running sync.WaitGroup
		for i, name := range logical {
			running.Go(func() {
				slots <- struct{}{}
				defer func() { <-slots }()
				found[i], errs[i] = d.readFunction(ctx, d.stack.id(name))
			})
		}
		running.Wait()
		d.functions = map[string]function{}
		for i, name := range logical {
			if errs[i] == nil {
				d.functions[name] = found[i]
			} else if d.unread == nil {
				d.unread = errs[i]
			}
		}
	})
	return d.functions, d.unread
}

func (d *deployment) readFunction(ctx context.Context, name string) (function, error) {
	out, err := d.aws.lambda.GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: &name})
	if isCode(err, "ResourceNotFoundException") {
		return function{}, nil
	}
	if err != nil {
		return function{}, err
	}
	f := function{name: name, arn: aws.ToString(out.FunctionArn), state: out.State, reason: aws.ToString(out.StateReason), update: out.LastUpdateStatus}
	if out.Environment != nil {
		f.variables = out.Environment.Variables
	}
	if out.LoggingConfig != nil {
		f.logGroup = aws.ToString(out.LoggingConfig.LogGroup)
	}
	return f, nil
}

func checkFunctions(ctx context.Context, d *deployment, s *sheet) error {
	functions, err := d.allFunctions(ctx)
	for _, logical := range d.stack.of("AWS::Lambda::Function") {
		f, read := functions[logical]
		switch {
		case !read:
		case f.name == "":
			s.add(Finding{Severity: Broken, What: logical + " does not exist", Why: "What it serves is answered with 503.",
				Do: "Delete the stack and deploy again: the table and the pepper are kept (docs/deploy.md, Rollback)."})
		case f.state == types.StateFailed:
			s.add(Finding{Severity: Broken, What: logical + " has failed: " + f.reason, Why: "What it serves is answered with 503.", Do: "Mend the cause, and deploy again."})
		case f.update == types.LastUpdateStatusFailed:
			s.add(Finding{Severity: Broken, What: "the last update of " + logical + " failed", Why: "It runs the code before.", Do: "Deploy again."})
		}
	}
	return err
}
