"""The release that this package is of: that of the deployment whose OpenAPI document it is made from."""

VERSION = "1.1.0"
