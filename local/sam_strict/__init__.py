"""Makes `sam local start-api` answer as API Gateway does where a route has Latchkey's authorizer. local/sam_server.py starts it."""
