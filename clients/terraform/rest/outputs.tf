output "authorizer_id" {
  description = "For authorizer_id of the methods."
  value       = aws_api_gateway_authorizer.latchkey.id
}

output "redeployment" {
  description = "For the triggers of aws_api_gateway_deployment: a stage keeps what it was deployed with."
  value       = sha1(jsonencode([aws_api_gateway_authorizer.latchkey.id, aws_api_gateway_authorizer.latchkey.authorizer_uri, var.cache_seconds, var.cache_identity_sources]))
}
