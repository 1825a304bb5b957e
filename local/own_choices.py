"""What an operator may choose, on a stack of its own in `.local/choices`: a KMS key, a topic for the alarms, pages of other origins,
traces, and scopes that are an object in S3. `latchkey doctor` finds each fault of these; the scopes change while the stack runs, by
tests/ownscopes and then as docs/guides/scopes.md does. (On another stack, who makes keys meanwhile could meet a scope that their
login lacks.) Pages that deploy Latchkey a second time do so here. At the end it signs its tokens with key pairs: key_pairs.py.

Alone: `.local/venvs/ministack/bin/python local/own_choices.py`.
"""

import deploy
import documents
import example
import gotest
import key_pairs
import prerequisites
import stack as emulator
import start
from console import main
from gotest import Totals
from settings import aws_environment, free_port

SCOPES = ["-tags", "e2e", "-count=1", "./tests/ownscopes/"]
TRACES = ["-tags", "e2e", "-count=1", "./tests/traces/"]
DOCTOR = ["-tags", "e2e", "-count=1", "-run=^TestDoctorOfChoices", "./clients/latchkey"]
# The tests log in again until a scope is there. One of the pages is not encrypted, and the doctor finds that.
PARAMETERS = {"RateLimitAuth": "600", "RateLimitAccount": "100", "AllowedOrigins": "https://app.example.com,http://shop.example.com",
              "Resources": "https://orders.example.com"}


def own_choices() -> Totals:
    prerequisites.check("linux")
    with emulator.fresh("choices") as stack:
        collector = f"http://{stack.host}:{free_port()}/v1/traces"
        parameters = PARAMETERS | {
            "TracesSecretArn": deploy.secret_of_traces(stack, collector),
            "KmsKeyArn": deploy.client(stack, "kms").create_key()["KeyMetadata"]["Arn"],
            "AlarmTopicArn": deploy.client(stack, "sns").create_topic(Name="alarms")["TopicArn"],
            "CatalogueBucket": deploy.bucket_with_scopes(stack),
        }
        values = start.bring_up(stack, parameters) | example.bring_up(stack)
        values["LATCHKEY_PARAMETERS"] = start.as_text(parameters)
        environment = aws_environment(stack.endpoint) | values
        totals = gotest.run(TRACES, environment | {"TRACES_ENDPOINT": collector})
        totals.add(gotest.run(DOCTOR, environment))
        totals.add(gotest.run(SCOPES, environment))
        totals.add(documents.each(stack, documents.SCOPES, *documents.TOOLS))
        totals.add(key_pairs.prove(stack, values, values["EXAMPLE_API_URL"]))
        return totals


if __name__ == "__main__":
    main(lambda: gotest.conclude(own_choices()))
