package scope

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A Route is a method and a path. The method "*" stands for all, and goes only with the path /*. The path
// may end in a segment "*", which stands for one or more segments, and may have segments {project_id}:
// see In. The catalogue's segment {run_id} is a "*" here, and then the path has no other.
type Route struct {
	Method string
	Path   string
}

// byConvention returns the routes of a scope that lists none: read:x opens GET and HEAD, write:x
// opens POST, PUT, PATCH and DELETE, on <base>/x and everything below it.
func byConvention(name string, bases []string) []Route {
	action, resource, _ := strings.Cut(name, ":")
	opened := []string{"GET", "HEAD"}
	if action == "write" {
		opened = []string{"POST", "PUT", "PATCH", "DELETE"}
	}
	var routes []Route
	for _, base := range bases {
		for _, m := range opened {
			routes = append(routes, Route{m, base + "/" + resource}, Route{m, base + "/" + resource + "/*"})
		}
	}
	return routes
}

// parseRoute reads METHOD /path. The method * becomes one route for each method, except in "*
// /*": in a policy, a * for the method would also match the "/" and part of the path.
func parseRoute(line string) ([]Route, error) {
	method, path, ok := strings.Cut(line, " ")
	if !ok || method != "*" && !slices.Contains(methods, method) {
		return nil, fmt.Errorf("%q is not METHOD /path, with one of the methods * %s", line, strings.Join(methods, " "))
	}
	if len(path) > maxPath {
		return nil, fmt.Errorf("%.40q…: the path is longer than %d characters", line, maxPath)
	}
	if path != "/" && path != "/*" {
		// In a policy "*" matches "/" too. Anywhere but as the whole last segment it would open
		// paths that nobody named.
		plain := strings.TrimSuffix(path, "/*")
		if strings.Contains(plain, "*") {
			return nil, fmt.Errorf("%q: * can only be the whole last segment", line)
		}
		if err := checkSegments(plain); err != nil {
			return nil, fmt.Errorf("%q: %w", line, err)
		}
		path = strings.Replace(path, RunID, "*", 1)
		if strings.Count(path, "*") > 1 || strings.Contains(path, RunID) {
			return nil, fmt.Errorf("%q: a path has one %s at most, and then no *", line, RunID)
		}
	}
	if method != "*" || path == "/*" {
		return []Route{{method, path}}, nil
	}
	var routes []Route
	for _, m := range methods {
		routes = append(routes, Route{m, path})
	}
	return routes, nil
}

func checkBase(base string) error {
	if strings.ContainsAny(base, "*{}") {
		return fmt.Errorf("%q: a base path holds no *, { or }", base)
	}
	if err := checkSegments(base); err != nil {
		return fmt.Errorf("%q: %w", base, err)
	}
	return nil
}

// checkSegments accepts only a path that a policy compares letter by letter.
func checkSegments(path string) error {
	if len(path) > maxPath {
		return fmt.Errorf("the path is longer than %d characters", maxPath)
	}
	below, ok := strings.CutPrefix(path, "/")
	if !ok {
		return errors.New("the path must start with /")
	}
	for segment := range strings.SplitSeq(below, "/") {
		if segment == "" || segment == "." || segment == ".." {
			return errors.New("the path has a segment that is empty, or . or .. alone")
		}
		if segment == ProjectID || segment == RunID {
			continue
		}
		if strings.ContainsAny(segment, "{}") {
			return fmt.Errorf("%s: the only parameters are %s and %s; for any other, end the path with *", segment, ProjectID, RunID)
		}
		if strings.Trim(segment, segmentChars) != "" {
			return fmt.Errorf("%s: a segment is made of A-Z a-z 0-9 . _ ~ -", segment)
		}
	}
	return nil
}

// ProjectID is the path segment for the caller's own project.
const ProjectID = "{project_id}"

// RunID is the path segment for any run. It is for Latchkey's own routes: a policy has no wildcard for
// one segment, so it becomes a "*", which matches "/" too. Latchkey's API has no path for which that
// makes a difference.
const RunID = "{run_id}"

const (
	segmentChars = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._~-"
	maxPath      = 300 // a policy's resource has at most 512 characters, the API's ARN included
)

// In returns the route with the caller's project in place of {project_id}.
func (r Route) In(project string) Route {
	segments := strings.Split(r.Path, "/")
	for i, segment := range segments {
		if segment == ProjectID {
			segments[i] = project
		}
	}
	return Route{r.Method, strings.Join(segments, "/")}
}

var methods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}
