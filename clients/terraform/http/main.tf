# Latchkey's authorizer for one HTTP API. Each aws_apigatewayv2_route that it guards has
#   authorization_type = "CUSTOM", authorizer_id = module.latchkey.authorizer_id

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

locals {
  arn   = var.stack_name == null ? var.authorizer_arn : data.aws_ssm_parameter.authorizer[0].insecure_value
  parts = split(":", local.arn)
}

data "aws_ssm_parameter" "authorizer" {
  count = var.stack_name == null ? 0 : 1
  name  = "/latchkey/${var.stack_name}/AuthorizerArn"
}

# Latchkey's stack permits every API of its account and region, so no aws_lambda_permission is needed here.
resource "aws_apigatewayv2_authorizer" "latchkey" {
  api_id          = var.http_api_id
  name            = var.name
  authorizer_type = "REQUEST"
  authorizer_uri  = "arn:${local.parts[1]}:apigateway:${local.parts[3]}:lambda:path/2015-03-31/functions/${local.arn}/invocations"

  # Latchkey's answers to an HTTP API are for 2.0. No identity source and no cache, because a key comes in one of two headers.
  authorizer_payload_format_version = "2.0"
  enable_simple_responses           = var.simple_responses
  identity_sources                  = var.cache_identity_sources
  authorizer_result_ttl_in_seconds  = var.cache_seconds

  lifecycle {
    precondition {
      condition     = (var.stack_name == null) != (var.authorizer_arn == null)
      error_message = "Give authorizer_arn, with stack_name = null, or the name of Latchkey's stack."
    }
    precondition {
      condition     = (var.cache_seconds == 0) == (length(var.cache_identity_sources) == 0)
      error_message = "A cache has both cache_seconds and cache_identity_sources."
    }
    precondition {
      condition     = !(var.simple_responses && var.cache_seconds > 0)
      error_message = "A simple answer that is kept lets a caller into every route: no cache with simple_responses."
    }
  }
}
