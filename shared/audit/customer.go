package audit

// The log of a customer has the actions Created, Updated, Disabled, Enabled, Restored and Deleted. All
// are changes.

// OfCustomer are the members that only the entries of customers have. Personal is what the change says of
// who the customer is: its external id, name and metadata. The chain does not have it, but a hash of it
// and of a salt, so that it can be erased with the customer, and the chain stays whole (package chain).
// Address and user agent are those of who made the change, as in an entry of a key.
type OfCustomer struct {
	CustomerID string            `dynamodbav:"customer,omitempty" json:"customer_id,omitempty"`
	Personal   map[string]string `dynamodbav:"personal,omitempty" json:"personal,omitempty"`
}

// PersonalOfCustomer is Personal for the entries of customers.
var PersonalOfCustomer = []string{"personal", "salt"}

// OfACustomer reports whether the entry is one of a customer's log.
func (e Entry) OfACustomer() bool { return e.CustomerID != "" && e.KeyID == "" }
