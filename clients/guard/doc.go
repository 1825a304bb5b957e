// Package guard lets only requests with a good API key reach the handlers of a server that no Latchkey authorizer guards. It
// has the standard library's form of middleware, so it works with net/http, chi, gin and echo, and it imports nothing else.
//
//	request ─► one credential? ─► cache, if it is on ─► POST /v1/keys/verify ─► handler, with a Caller
//	                                                                        └► refusal: status, headers and body of the contract
//
// It fails closed: a key that could not be checked is answered with 503. Each guarded request is one request to Latchkey, and
// is never repeated, because it may have been counted.
package guard
