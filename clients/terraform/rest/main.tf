# Latchkey's authorizer for one REST API. Each aws_api_gateway_method that it guards has
#   authorization = "CUSTOM", authorizer_id = module.latchkey.authorizer_id

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
  output = { edge = "AuthorizerArn", function = "AuthorizerFunctionModeArn" }[var.mode]
  arn    = var.stack_name == null ? var.authorizer_arn : data.aws_ssm_parameter.authorizer[0].insecure_value
  parts  = split(":", local.arn)
}

data "aws_ssm_parameter" "authorizer" {
  count = var.stack_name == null ? 0 : 1
  name  = "/latchkey/${var.stack_name}/${local.output}"
}

# Latchkey's stack permits every API of its account and region, so no aws_lambda_permission is needed here.
resource "aws_api_gateway_authorizer" "latchkey" {
  rest_api_id    = var.rest_api_id
  name           = var.name
  type           = "REQUEST"
  authorizer_uri = "arn:${local.parts[1]}:apigateway:${local.parts[3]}:lambda:path/2015-03-31/functions/${local.arn}/invocations"

  # API Gateway wants all identity sources at once, and a key comes in one of two headers: so none, which needs a lifetime of 0. Left
  # out, the provider would say "Authorization" and 300.
  identity_source                  = join(",", var.cache_identity_sources)
  authorizer_result_ttl_in_seconds = var.cache_seconds

  lifecycle {
    precondition {
      condition     = (var.stack_name == null) != (var.authorizer_arn == null)
      error_message = "Give authorizer_arn, with stack_name = null, or the name of Latchkey's stack."
    }
    precondition {
      condition     = (var.cache_seconds == 0) == (length(var.cache_identity_sources) == 0)
      error_message = "A cache has both cache_seconds and cache_identity_sources."
    }
  }
}
