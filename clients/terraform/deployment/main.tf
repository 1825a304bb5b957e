# Latchkey itself: a stack of the template that `sam package` wrote, whose functions are in a bucket already.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

resource "aws_cloudformation_stack" "latchkey" {
  name         = var.stack_name
  template_url = var.template_url
  parameters   = var.parameters
  tags         = var.tags

  # Each function has a role, and the template is expanded by SAM.
  capabilities = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
}
