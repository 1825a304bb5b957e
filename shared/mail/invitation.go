package mail

var invitation = Message{
	subject: "Your account at {service}",
	lines:   []string{"Hello,", "an administrator has made an account for you at {service}. You sign in with {email}; the password is yours to choose."},
	action:  "Choose a password",
	after: []string{
		"The link is good for seven days, and once. After that, ask the administrator for another.",
		"If you do not know {service}, delete this message: without you the account opens nothing.",
	},
}
