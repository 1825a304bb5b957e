package main

import (
	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/project"
)

// request is the body. Name and label mean the same.
type request struct {
	Name      *string `json:"name"`
	Label     *string `json:"label"`
	KeyPrefix *string `json:"key_prefix"`
	Color     *string `json:"color"`
}

// read checks every field, and returns everything that is wrong in one error.
func (b request) read() (project.Project, error) {
	var wrong []problem.Field
	check := func(ok bool, field, message string) {
		if !ok {
			wrong = append(wrong, problem.Field{Field: field, Message: message})
		}
	}
	made := project.Project{KeyPrefix: apikey.DefaultPrefix}
	field := "name"
	switch {
	case b.Name != nil:
		made.Name = *b.Name
		check(b.Label == nil || *b.Label == *b.Name, "label", "name and label are the same thing; send one")
	case b.Label != nil:
		field, made.Name = "label", *b.Label
	}
	message := apikey.LabelProblem(made.Name)
	check(message == "", field, message)
	if b.KeyPrefix != nil {
		made.KeyPrefix = *b.KeyPrefix
		check(apikey.ValidPrefix(made.KeyPrefix), "key_prefix", "must be 2 to 16 lower-case letters, digits and underscores, "+
			"begin with a letter, end with an underscore, and be none of sk_, ck_ and ro_")
	}
	if b.Color != nil {
		made.Color = *b.Color
		check(project.ValidColor(made.Color), "color", "must be a CSS color: # and 3, 4, 6 or 8 hexadecimal digits, or a name")
	}
	if wrong != nil {
		return made, problem.Validation(wrong...)
	}
	return made, nil
}
