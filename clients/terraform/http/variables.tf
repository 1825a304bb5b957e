variable "http_api_id" {
  description = "The id of the HTTP API."
  type        = string
}

variable "stack_name" {
  description = "The name of Latchkey's stack, in this account and region, whose parameters in Parameter Store have the ARN. null if authorizer_arn is given."
  type        = string
  default     = "latchkey"
}

variable "authorizer_arn" {
  description = "The ARN of the authorizer, if it is not looked up: in another account, or deployed by the same configuration."
  type        = string
  default     = null
}

variable "name" {
  description = "The name of the authorizer, one of a kind in its API."
  type        = string
  default     = "latchkey"
}

variable "cache_seconds" {
  description = "How long API Gateway keeps an answer. A revoked key works for that long: read docs/authorizer.md#caching first."
  type        = number
  default     = 0

  validation {
    condition     = var.cache_seconds >= 0 && var.cache_seconds <= 3600
    error_message = "API Gateway keeps an answer for at most 3600 seconds."
  }
}

variable "cache_identity_sources" {
  description = "What an answer is kept for, such as $request.header.Authorization. A request without one of them is refused."
  type        = list(string)
  default     = []
}

variable "simple_responses" {
  description = "Whether Latchkey is deployed with HttpApiResponse=simple."
  type        = bool
  default     = false
}
