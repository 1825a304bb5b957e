package mail

var verification = Message{
	subject: "Is this your address? {service} asks",
	lines:   []string{"Hello,", "the account {email} at {service} has this address. Show that it is yours:"},
	action:  "Yes, this is my address",
	after:   []string{"The link is good for one day. If you do not have such an account, delete this message."},
}
