// Package release knows which release of Latchkey a program is of.
package release

// Version is also in the OpenAPI document, the template and the packages of clients/; a test names each that differs.
const Version = "1.1.0"
