variable "template_url" {
  description = "The address in S3 of the template that sam package wrote, as in https://my-bucket.s3.eu-west-1.amazonaws.com/latchkey-1.1.0.yaml. Another version has another address."
  type        = string

  validation {
    condition     = startswith(var.template_url, "https://")
    error_message = "CloudFormation takes an https:// address of S3."
  }
}

variable "stack_name" {
  description = "The name of the stack. The exports and the parameters in Parameter Store have it."
  type        = string
  default     = "latchkey"
}

variable "parameters" {
  description = "Parameters of the template, each as text; see docs/deploy.md. Those that are left out have their defaults."
  type        = map(string)
  default     = {}
}

variable "tags" {
  description = "Tags of the stack, which its resources get too."
  type        = map(string)
  default     = {}
}
