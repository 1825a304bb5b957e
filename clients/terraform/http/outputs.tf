output "authorizer_id" {
  description = "For authorizer_id of the routes."
  value       = aws_apigatewayv2_authorizer.latchkey.id
}
