package mail

var signIn = Message{
	subject: "New sign-in at {service}",
	lines: []string{
		"Hello,", "somebody signed in as {email} at {service}, from a device or an address that is new to this account.",
		"When: {when}", "Device: {device}", "Address: {address}", "If it was you, there is nothing to do. If it was not, change your password now. That ends every other session.",
	},
	action: "Look at your account",
	after:  []string{"Your API keys go on working after that: look through them too, and revoke what you did not make."},
}
