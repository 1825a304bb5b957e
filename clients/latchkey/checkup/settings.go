package checkup

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// withoutScopes do not follow the deployment's scopes: one publishes them, and the other needs none.
var withoutScopes = []string{"CatalogueApplyFunction", "MailSendFunction"}

// checkSettings finds environments that somebody changed by hand: what the template sets for all functions is the same in all.
func checkSettings(ctx context.Context, d *deployment, s *sheet) error {
	functions, err := d.allFunctions(ctx)
	usual := usualSettings(functions)
	for _, logical := range slices.Sorted(maps.Keys(functions)) {
		f := functions[logical]
		if f.name == "" {
			continue
		}
		if f.variables["JWT_SECRET"] != "" {
			s.add(Finding{Severity: Risk, What: logical + " has a JWT_SECRET", Why: "Who may read the function's settings sees a secret. The function ignores it on AWS.",
				Do: "Remove the variable."})
			continue
		}
		different := differences(f.variables, usual)
		if slices.Contains(withoutScopes, logical) {
			different = slices.DeleteFunc(different, func(name string) bool { return name == "CATALOGUE" })
		}
		if len(different) > 0 {
			s.add(Finding{Severity: Broken, What: logical + " has other settings than the other functions: " + strings.Join(different, ", "),
				Why: "Functions that disagree refuse each other's tokens, look into another table, or open other routes. Deploying an unchanged template does not mend it.",
				Do:  "Give it the settings of the others.", Command: mend(f, usual)})
		}
	}
	return err
}

// usualSettings are the variables that all functions have, but for a few that somebody changed, with the value that most have.
func usualSettings(functions map[string]function) map[string]string {
	counted, all := map[string]map[string]int{}, 0
	for _, f := range functions {
		if f.name == "" {
			continue
		}
		all++
		for name, value := range f.variables {
			if counted[name] == nil {
				counted[name] = map[string]int{}
			}
			counted[name][value]++
		}
	}
	usual := map[string]string{}
	for name, values := range counted {
		most, having := "", 0
		for _, value := range slices.Sorted(maps.Keys(values)) {
			having += values[value]
			if most == "" && values[most] == 0 || values[value] > values[most] {
				most = value
			}
		}
		if having*10 >= all*9 && values[most]*10 >= all*8 {
			usual[name] = most
		}
	}
	return usual
}

func differences(variables, usual map[string]string) []string {
	var different []string
	for _, name := range slices.Sorted(maps.Keys(usual)) {
		if value, ok := variables[name]; !ok || value != usual[name] {
			different = append(different, name)
		}
	}
	return different
}

// mend is the command that sets what the others have, and leaves the rest.
func mend(f function, usual map[string]string) string {
	variables := maps.Clone(f.variables)
	if variables == nil {
		return ""
	}
	maps.Copy(variables, usual)
	text, err := json.Marshal(map[string]any{"Variables": variables})
	if err != nil || strings.Contains(string(text), "'") {
		return ""
	}
	return fmt.Sprintf("aws lambda update-function-configuration --function-name %s --environment '%s'", f.name, text)
}
