package mail

var reset = Message{
	subject: "Choose a new password for {service}",
	lines:   []string{"Hello,", "somebody asked for a new password for the account {email} at {service}."},
	action:  "Choose a new password",
	after: []string{
		"The link is good for 30 minutes, and once. Your password stays as it is until you use it. Then you are signed out everywhere.",
		"If it was not you, delete this message. Nobody can use the link who does not have it.",
	},
}
