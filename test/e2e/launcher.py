"""Starts ministack with what it lacks of AWS and Lifeboat needs. Each part is written down in docs/emulators.md.

Environment: E2E_EVENTS_PORT, where events that AWS's services put on a bus come in: POST of { region, source, detailType, detail, resources }.
"""

import json
import os
import sys
import threading
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from ministack.core import lambda_runtime, responses
from ministack.services import cloudwatch, eventbridge, lambda_svc, route53, stepfunctions
from ministack.services.cloudformation import provisioners

account = os.environ["MINISTACK_ACCOUNT_ID"]


def answer_of(response):
    status, _, body = response[:3]
    text = body if isinstance(body, str) else body.decode()
    if status >= 400:
        raise ValueError(text)
    return json.loads(text)


# CloudFormation knows no versions and aliases of state machines and no health checks, though the services do.


def create_version(_id, properties, _stack):
    wanted = {"stateMachineArn": properties["StateMachineArn"], "revisionId": properties.get("StateMachineRevisionId")}
    arn = answer_of(stepfunctions._publish_state_machine_version(wanted))["stateMachineVersionArn"]
    return arn, {"Arn": arn}


def routing_of(properties):
    return [
        {"stateMachineVersionArn": route["StateMachineVersionArn"], "weight": int(route["Weight"])}
        for route in properties["RoutingConfiguration"]
    ]


def create_alias(_id, properties, _stack):
    wanted = {"name": properties["Name"], "routingConfiguration": routing_of(properties)}
    arn = answer_of(stepfunctions._create_state_machine_alias(wanted))["stateMachineAliasArn"]
    return arn, {"Arn": arn}


def update_alias(arn, _old, new, _stack):
    answer_of(
        stepfunctions._update_state_machine_alias({"stateMachineAliasArn": arn, "routingConfiguration": routing_of(new)})
    )
    return arn, {"Arn": arn}


def create_health_check(_id, properties, _stack):
    check, reference = route53._hc_id(), responses.new_uuid()
    config = dict(properties["HealthCheckConfig"])
    route53._health_checks[check] = {"id": check, "caller_reference": reference, "config": config, "version": 1}
    route53._hc_caller_refs[reference] = check
    return check, {"HealthCheckId": check}


provisioners._RESOURCE_HANDLERS |= {
    "AWS::StepFunctions::StateMachineVersion": {
        "create": create_version,
        "update": lambda _arn, _old, new, stack: create_version(None, new, stack),
        "delete": lambda arn, _: stepfunctions._delete_state_machine_version({"stateMachineVersionArn": arn}),
    },
    "AWS::StepFunctions::StateMachineAlias": {
        "create": create_alias,
        "update": update_alias,
        "delete": lambda arn, _: stepfunctions._delete_state_machine_alias({"stateMachineAliasArn": arn}),
    },
    "AWS::Route53::HealthCheck": {
        "create": create_health_check,
        "delete": lambda check, _: route53._health_checks.pop(check, None),
    },
}

# TimeoutSecondsPath and HeartbeatSecondsPath of a Task are not read.
execute_task = stepfunctions._execute_task


def execute_task_in_time(state, raw_input, execution, context):
    for name in ("TimeoutSeconds", "HeartbeatSeconds"):
        path = state.get(f"{name}Path")
        if path:
            state = {**state, name: stepfunctions._resolve_path(path, raw_input)}
    return execute_task(state, raw_input, execution, context)


stepfunctions._execute_task = execute_task_in_time

# errorType is the name of the error that the handler threw; every one is Runtime.HandlerError here.
plain = "error: String(err.message || err), trace"
assert plain in lambda_runtime._NODEJS_WORKER_SCRIPT, "ministack's Node worker is another one"
lambda_runtime._NODEJS_WORKER_SCRIPT = lambda_runtime._NODEJS_WORKER_SCRIPT.replace(
    plain, 'error: (err.name || "Error") + "\\0" + String(err.message || err), trace'
)
execute_function = lambda_svc._execute_function


def execute_function_with_name(*args, **named):
    result = execute_function(*args, **named)
    body = result.get("body") if isinstance(result, dict) and result.get("error") else None
    if isinstance(body, dict) and "\0" in body.get("errorMessage", ""):
        body["errorType"], body["errorMessage"] = body["errorMessage"].split("\0", 1)
    return result


lambda_svc._execute_function = execute_function_with_name

# Alarms tell topics, but no event bus; snapshots and copies are moto's, and the gateway sends what EBS would.


def put_event(source, detail_type, detail, resources):
    entry = {"Source": source, "DetailType": detail_type, "Detail": json.dumps(detail), "Resources": resources}
    eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)


dispatch_alarm_actions = cloudwatch._dispatch_alarm_actions


def tell_alarm(alarm, old, new, reason):
    dispatch_alarm_actions(alarm, old, new, reason)
    if old == new:
        return
    stamp = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    detail = {
        "alarmName": alarm["AlarmName"],
        "configuration": {},
        "previousState": {"value": old, "reason": "", "timestamp": stamp},
        "state": {"value": new, "reason": reason, "timestamp": stamp},
    }
    put_event("aws.cloudwatch", "CloudWatch Alarm State Change", detail, [alarm.get("AlarmArn", "")])


cloudwatch._dispatch_alarm_actions = tell_alarm


class Entrance(BaseHTTPRequestHandler):
    def do_POST(self):
        event = json.loads(self.rfile.read(int(self.headers["content-length"])))
        responses.set_request_account_id(account)
        responses.set_request_region(event["region"])
        put_event(event["source"], event["detailType"], event["detail"], event["resources"])
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


entrance = ThreadingHTTPServer(("127.0.0.1", int(os.environ["E2E_EVENTS_PORT"])), Entrance)
threading.Thread(target=entrance.serve_forever, daemon=True).start()

from ministack.app import main  # noqa: E402

sys.exit(main())
