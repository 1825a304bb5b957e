output "outputs" {
  description = "All outputs of the stack, by name."
  value       = aws_cloudformation_stack.latchkey.outputs
}

output "authorizer_arn" {
  description = "For authorizer_arn of the modules rest and http, with stack_name = null."
  value       = aws_cloudformation_stack.latchkey.outputs["AuthorizerArn"]
}

output "api_url" {
  description = "Latchkey's address."
  value       = aws_cloudformation_stack.latchkey.outputs["ApiUrl"]
}
