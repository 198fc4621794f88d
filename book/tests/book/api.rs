//! What callers send and get, made by the programs themselves.

use std::collections::BTreeSet;
use std::process::Command;

use fixtures::examples::compare;
use fixtures::scripted_http::{ScriptedHttp, Step};
use fixtures::sending::{SecretFile, intent};
use queue_core::channel::{Channel, Gate, HttpOptions, Outgoing, WebhookChannel};
use queue_core::contract::{Contract, Field, Integer, List, Object, ReadContext, Text};
use queue_core::testing::TestQueue;
use queue_core::{
    Actor, Context, ErrorClass, Escalations, Event, Job, JobError, JobId, KindName, LetterFilter,
    NotificationState, Page, Payload, PlannedLetter, ReplayPlan, Risk, Rule, StoreId, Timestamp,
    Worker,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{page, programs, seed};

const PAGE: &str = "docs/reference/contracts-for-callers.md";

fn pretty(json: &impl Serialize) -> String {
    format!("{:#}", serde_json::to_value(json).unwrap())
}

#[test]
fn a_problem() {
    let line = Object::of([
        Field::required("sku", Text::new().not_empty()),
        Field::required("count", Integer::new().at_least(1)),
    ]);
    let order = Object::of([
        Field::required("customer", Text::new().not_empty()),
        Field::required("lines", List::of(line)),
    ]);
    let contract = Contract::of("order", order).build().unwrap();
    let body = r#"{"lines": [{"sku": "A-1", "count": 0}], "gift": true}"#;
    let verdict = contract.read(body, &ReadContext::new().correlation_id("req 17"));
    compare(
        PAGE,
        "problem",
        &pretty(&verdict.rejection().unwrap().problem()),
    );
}

#[test]
fn a_plan() {
    let letter = |job, risks| PlannedLetter {
        job: JobId::new(job),
        version: 2,
        kind: KindName::new("send_invoice").unwrap(),
        error_class: ErrorClass::network_timeout(),
        risks,
    };
    let letters = vec![
        letter(41, BTreeSet::new()),
        letter(42, BTreeSet::from([Risk::NoIdempotencyKey])),
    ];
    let filter = LetterFilter {
        error_class: Some(ErrorClass::network_timeout()),
        ..LetterFilter::default()
    };
    let at = Timestamp::from_micros(1_795_168_800_000_000);
    let ada = Actor::new("ada").unwrap();
    let plan = ReplayPlan::new(StoreId::new(7), &filter, ada, at, false, letters).unwrap();
    let text = plan.to_text();
    assert_eq!(ReplayPlan::read(&text).unwrap(), plan);
    compare(PAGE, "replay-plan", &text);
}

#[tokio::test]
async fn a_webhook() {
    let secret = SecretFile::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    let here = HttpOptions::new()
        .allow_cleartext()
        .allow("127.0.0.1".parse().unwrap());
    let channel = WebhookChannel::builder()
        .http(here)
        .secret(secret.source())
        .build()
        .unwrap();
    let server = ScriptedHttp::start([Step::status(204)]).await;
    let body = r#"{"order": 42, "paid": true}"#;
    let payload = Payload::new(body, "application/json").unwrap();
    let message = Outgoing::new(intent(&server.url("/hooks")), payload);
    channel.send(&message, &mut Gate::open()).await.unwrap();
    let seen = server.held().remove(0);
    let mut made = String::from("POST /hooks\n");
    for (name, value) in &seen.headers {
        // What belongs to the connection, and what is another each time.
        let value = match name.as_str() {
            "host" | "content-length" | "accept" | "accept-encoding" | "user-agent" => continue,
            "webhook-timestamp" => "1795168800",
            "webhook-signature" => "v1,…",
            "webhook-id" => "…",
            _ => value.as_str(),
        };
        made.push_str(&format!("{name}: {value}\n"));
    }
    made.push_str(&format!("\n{}", String::from_utf8(seen.body).unwrap()));
    compare(PAGE, "webhook", &made);
}

#[derive(Serialize, Deserialize)]
struct Charge {
    order: u64,
}

impl Job for Charge {
    const KIND: &'static str = "charge";
    const QUEUE: &'static str = "payments";
}

async fn charge(_: Charge, _: Context) -> Result<(), JobError> {
    Err(JobError::permanent("CARD_DECLINED", "no money"))
}

#[tokio::test]
async fn an_alert() {
    let mut payments = Rule::new("payments");
    payments.events = vec![Event::JobDied];
    let rules = Escalations::new(vec![payments.to("pager", "payments-on-call").unwrap()]).unwrap();
    let queue = TestQueue::new();
    queue.enqueue(Charge { order: 42 }).await.unwrap();
    let worker = Worker::builder(queue.clone())
        .handle(charge)
        .escalate(rules)
        .build()
        .unwrap();
    assert_eq!(worker.drain().await.unwrap().dead, 1);
    let pending = NotificationState::Pending;
    let rows = queue
        .store()
        .notifications(pending, Page::first(10).unwrap())
        .await
        .unwrap();
    let mut alert: Value = serde_json::from_slice(rows[0].message.bytes()).unwrap();
    settle_times(&mut alert);
    compare(PAGE, "alert", &pretty(&alert));
}

#[test]
fn a_notification() {
    let dir = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", dir.path().join("app.db").display());
    seed::bad_day(&url);
    // What is shown is what that command shows.
    let words = "notification show 17 --json";
    let page = page(PAGE).text;
    assert!(
        page.contains(&format!("`leasehold {words}`")),
        "{PAGE} does not name `leasehold {words}`"
    );
    let mut command = Command::new(programs::FOLDER.join("leasehold"));
    command.args(words.split(' ')).args(["--database", &url]);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let mut shown: Value = serde_json::from_slice(&output.stdout).unwrap();
    settle_times(&mut shown);
    compare(PAGE, "notification", &pretty(&shown));
}

/// One moment for all: they differ from run to run.
fn settle_times(value: &mut Value) {
    match value {
        Value::String(text) if text.len() == 27 && text.ends_with('Z') => {
            "2026-11-20T10:00:00.000000Z".clone_into(text);
        }
        Value::Number(number) if number.as_i64().is_some_and(|n| n > 1_000_000_000_000_000) => {
            *value = Value::from(1_795_168_800_000_000_i64);
        }
        Value::Array(items) => items.iter_mut().for_each(settle_times),
        Value::Object(members) => members.values_mut().for_each(settle_times),
        _ => {}
    }
}
