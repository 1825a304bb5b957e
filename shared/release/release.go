// Package release knows which release of Latchkey a program is of.
package release

// Version is also that of the OpenAPI document, by which a deployment tells its own.
const Version = "1.0.0"
