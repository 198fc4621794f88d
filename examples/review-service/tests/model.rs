//! The model client, over real HTTP: against the stand-in, and against servers that do as they are told.
#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::net::Ipv4Addr;
use std::time::Duration;

use fixtures::scripted_http::{ScriptedHttp, Step};
use review_service::model::{
    Answer, Endpoint, Material, ModelClient, ModelConfig, ModelError, Prompt,
};
use review_service::redaction::{Redacted, RedactionPolicy, Redactor};
use review_service::review::{AcceptedVersions, AnswerContract, Edition};
use review_service::stand_in::changes::{ModelBehaviour, Recorded};
use review_service::stand_in::model::{StandInModel, serve};
use review_service::stand_in::tally::Tally;
use serde_json::{Value, json};
use tokio::net::TcpListener;

fn redacted(text: &str) -> Redacted {
    let redactor = Redactor::new(RedactionPolicy::default()).unwrap();
    redactor.redact(text).unwrap()
}

fn prompt(change: &Recorded) -> Prompt {
    let material = Material {
        changelist: change.changelist,
        description: &redacted(&change.description),
        files: &redacted(&change.paths().join("\n")),
        diff: &redacted(&change.diff),
        cut: false,
    };
    Prompt::build(&material, Edition::default()).unwrap()
}

fn any_prompt() -> Prompt {
    prompt(&Recorded::of(7, 1000))
}

fn config(endpoint: Endpoint) -> ModelConfig {
    ModelConfig {
        timeout: Some("20s".parse().unwrap()),
        ..ModelConfig::new(endpoint, "reviewer-large")
    }
}

fn client_of(config: ModelConfig) -> ModelClient {
    ModelClient::new(config, redacted("").policy_digest()).unwrap()
}

fn client(endpoint: Endpoint) -> ModelClient {
    client_of(config(endpoint))
}

fn url(server: &ScriptedHttp) -> Endpoint {
    server.url("/v1/chat/completions").parse().unwrap()
}

/// What becomes of a call to a server that takes this step.
async fn answered(step: Step) -> Result<Answer, ModelError> {
    let server = ScriptedHttp::start([step]).await;
    client(url(&server)).review(&any_prompt()).await
}

fn completion(content: &Value) -> Value {
    json!({ "choices": [{ "message": { "role": "assistant", "content": content } }] })
}

#[tokio::test]
async fn the_request_is_what_servers_want() {
    let server = ScriptedHttp::start([Step::json(200, &completion(&json!("{}")))]).await;
    let mut config = config(url(&server));
    config.temperature = Some(0.0);
    let prompt = any_prompt();
    let answer = client_of(config).review(&prompt).await.unwrap();
    assert_eq!(answer.text, "{}");
    let [seen] = &server.seen()[..] else {
        unreachable!("one call is one request");
    };
    assert_eq!(
        (seen.method.as_str(), seen.path.as_str()),
        ("POST", "/v1/chat/completions")
    );
    assert_eq!(seen.header("content-type"), Some("application/json"));
    assert_eq!(seen.header("authorization"), None);
    let body: Value = serde_json::from_slice(&seen.body).unwrap();
    let wanted = json!({
        "model": "reviewer-large",
        "messages": [
            { "role": "system", "content": prompt.system() },
            { "role": "user", "content": prompt.user() },
        ],
        "response_format": { "type": "json_object" },
        "temperature": 0.0,
    });
    assert_eq!(body, wanted);
}

#[tokio::test]
async fn each_status_has_its_class() {
    for (status, class, retried) in [
        (201, "MODEL_REFUSED", false),
        (204, "MODEL_REFUSED", false),
        (302, "MODEL_REFUSED", false),
        (400, "MODEL_REFUSED", false),
        (401, "AUTH_DENIED", false),
        (402, "AUTH_DENIED", false),
        (403, "AUTH_DENIED", false),
        (404, "MODEL_REFUSED", false),
        (408, "MODEL_BUSY", true),
        (410, "MODEL_REFUSED", false),
        (413, "MODEL_REFUSED", false),
        (422, "MODEL_REFUSED", false),
        (425, "MODEL_BUSY", true),
        (429, "MODEL_BUSY", true),
        (500, "MODEL_UNAVAILABLE", true),
        (502, "MODEL_UNAVAILABLE", true),
        (503, "MODEL_UNAVAILABLE", true),
        (504, "MODEL_UNAVAILABLE", true),
        (529, "MODEL_UNAVAILABLE", true),
    ] {
        let error = answered(Step::status(status)).await.unwrap_err();
        assert_eq!(
            (error.class(), error.is_retryable()),
            (class, retried),
            "{status}"
        );
        assert!(error.to_string().contains(&status.to_string()), "{error}");
    }
}

#[tokio::test]
async fn a_wait_that_is_asked_for_is_kept_in_seconds_and_as_a_date() {
    for (status, headers, seconds) in [
        (429, vec![("retry-after", "20")], Some(20)),
        (503, vec![("retry-after", "7")], Some(7)),
        (
            429,
            vec![
                ("date", "Sun, 06 Nov 1994 08:49:37 GMT"),
                ("retry-after", "Sun, 06 Nov 1994 08:51:07 GMT"),
            ],
            Some(90),
        ),
        (429, vec![("retry-after", "soon")], None),
        (429, vec![], None),
        // Nobody is to come again.
        (400, vec![("retry-after", "20")], None),
    ] {
        let error = answered(Step::answer(status, &headers, ""))
            .await
            .unwrap_err();
        let wait = seconds.map(Duration::from_secs);
        assert_eq!(error.failure().retry_after, wait, "{status} {headers:?}");
    }
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let elsewhere = ScriptedHttp::start([Step::status(200)]).await;
    let to = elsewhere.url("/");
    let error = answered(Step::answer(307, &[("location", to.as_str())], "")).await;
    assert_eq!(error.unwrap_err().class(), "MODEL_REFUSED");
    assert_eq!(elsewhere.connections(), 0);
}

#[tokio::test]
async fn what_ends_too_early_or_never_is_tried_again() {
    let whole = "HTTP/1.1 200 OK\r\ncontent-length: 400\r\n\r\n{\"choices\": [";
    for (step, class) in [
        (Step::close(), "NETWORK_UNREACHABLE"),
        (Step::reset(), "NETWORK_UNREACHABLE"),
        (Step::reset_after_head(), "NETWORK_UNREACHABLE"),
        (Step::raw(whole).then_close(), "NETWORK_UNREACHABLE"),
        (Step::raw(whole).then_reset(), "NETWORK_UNREACHABLE"),
        // Without a length, the end of the connection is the end of the answer; that of the JSON is not there.
        (
            Step::raw("HTTP/1.1 200 OK\r\n\r\n{\"choices\": [").then_close(),
            "NETWORK_UNREACHABLE",
        ),
        (
            Step::raw("what is this?\r\n\r\n").then_close(),
            "NETWORK_UNREACHABLE",
        ),
    ] {
        let error = answered(step.clone()).await.unwrap_err();
        assert_eq!(
            (error.class(), error.is_retryable()),
            (class, true),
            "{step:?}"
        );
    }
    for step in [Step::silence(), Step::raw(whole)] {
        let server = ScriptedHttp::start([step]).await;
        let mut config = config(url(&server));
        config.timeout = Some("300ms".parse().unwrap());
        let error = client_of(config).review(&any_prompt()).await.unwrap_err();
        assert_eq!(
            (error.class(), error.is_retryable()),
            ("NETWORK_TIMEOUT", true)
        );
    }
}

#[tokio::test]
async fn where_nobody_listens_is_tried_again() {
    let address = ScriptedHttp::start([]).await.url("/v1/chat/completions");
    // It is gone by now.
    let error = client(address.parse().unwrap()).review(&any_prompt()).await;
    assert_eq!(error.unwrap_err().class(), "NETWORK_UNREACHABLE");
}

#[tokio::test]
async fn ten_mebibytes_are_refused_however_they_come() {
    let body = completion(&json!("x".repeat(10 * 1024 * 1024))).to_string();
    let endless = format!("HTTP/1.1 200 OK\r\n\r\n{body}");
    for step in [
        Step::answer(200, &[], &body),
        Step::raw(endless).then_close(),
    ] {
        let error = answered(step).await.unwrap_err();
        assert_eq!(
            (error.class(), error.is_retryable()),
            ("MODEL_ANSWER_TOO_LARGE", false)
        );
        assert!(error.to_string().contains("2097152 bytes"), "{error}");
    }
    // An explanation of any length changes nothing.
    let error = answered(Step::answer(503, &[], &body)).await.unwrap_err();
    assert_eq!(error.class(), "MODEL_UNAVAILABLE");
}

#[tokio::test]
async fn what_is_no_completion_is_refused() {
    let deep = format!("{{\"choices\": {}", "[".repeat(500_000));
    for body in [
        deep.as_str(),
        "<html>It works!</html>",
        "null",
        "[]",
        r#"{"choices": "none"}"#,
        r#"{"choices": [{"message": {"content": {"findings": []}}}]}"#,
        r#"{"choices": [{"message": {"content": 17}}]}"#,
        r#"{"choices": [{"message": null}]}"#,
        r#"{"error": {"message": "in a 200"}}"#,
    ] {
        let error = answered(Step::answer(200, &[], body)).await.unwrap_err();
        assert_eq!(
            (error.class(), error.is_retryable()),
            ("MODEL_ANSWER_INVALID", false)
        );
    }
}

#[tokio::test]
async fn the_guard_sends_nothing_that_was_redacted_by_another_policy() {
    let server = ScriptedHttp::start([Step::status(200)]).await;
    let lax = RedactionPolicy {
        emails: false,
        ..RedactionPolicy::default()
    };
    let lax = Redactor::new(lax).unwrap().redact("").unwrap();
    let client = ModelClient::new(config(url(&server)), lax.policy_digest()).unwrap();
    let error = client.review(&any_prompt()).await.unwrap_err();
    assert_eq!(error, ModelError::NotRedacted);
    assert_eq!(
        (error.class(), error.is_retryable()),
        ("REDACTION_MISSING", false)
    );
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn no_secret_of_a_change_reaches_the_model() {
    let server = ScriptedHttp::start([Step::json(200, &completion(&json!("{}")))]).await;
    let client = client(url(&server));
    let mut with_secrets = 0;
    for change in Recorded::first(7, 100) {
        client.review(&prompt(&change)).await.unwrap();
        with_secrets += usize::from(SECRETS.iter().any(|it| change.diff.contains(it)));
    }
    assert!(with_secrets > 10, "{with_secrets}");
    for seen in server.seen() {
        let body = String::from_utf8(seen.body).unwrap();
        let found: Vec<_> = SECRETS.iter().filter(|it| body.contains(**it)).collect();
        assert!(found.is_empty(), "{found:?}");
    }
}

/// What is secret in the changes that are made up.
const SECRETS: [&str; 7] = [
    "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    "AKIAIOSFODNN7EXAMPLE",
    "hunter2-but-longer",
    "s3cr3t-w0rd",
    "mara.lind@example.com",
    "eyJhbGciOiJIUzI1NiJ9",
    "MIIBVQIBADANBgkqhkiG9w0BAQEFAASCAT8wggE7",
];

/// Only where an answer never comes is it worth waiting less.
fn patient_and_hasty(model: &StandInModel) -> (ModelClient, ModelClient) {
    let endpoint = model.endpoint().unwrap();
    let mut hasty = config(endpoint.clone());
    hasty.timeout = Some("1s".parse().unwrap());
    (client(endpoint), client_of(hasty))
}

/// Asks until there is an answer or no use in asking, as often as a job does.
async fn asked(client: &ModelClient, change: &Recorded) -> Result<Answer, ModelError> {
    let prompt = prompt(change);
    let mut answer = client.review(&prompt).await;
    for _ in 1..5 {
        match &answer {
            Err(error) if error.is_retryable() => answer = client.review(&prompt).await,
            _ => break,
        }
    }
    answer
}

/// How the review of a change ends: with findings, or in a class of errors.
async fn ends(client: &ModelClient, contract: &AnswerContract, change: &Recorded) -> String {
    let answer = match asked(client, change).await {
        Ok(answer) => answer,
        Err(error) => return error.class().to_owned(),
    };
    match contract
        .check(answer.text, &change.paths(), None)
        .into_review()
    {
        Ok(review) => format!("{} findings", review.findings.len()),
        Err(rejected) => rejected.failure().class.to_string(),
    }
}

async fn all_end(seed: u64) -> Vec<String> {
    let model = StandInModel::start(seed).await.unwrap();
    let (client, hasty) = patient_and_hasty(&model);
    let contract = AnswerContract::new(&AcceptedVersions::default()).unwrap();
    let mut ended = Vec::new();
    for change in Recorded::first(seed, 50) {
        let client = match change.model {
            ModelBehaviour::Silent(_) => &hasty,
            _ => &client,
        };
        let end = ends(client, &contract, &change).await;
        assert_eq!(
            end.ends_with(" findings"),
            change.model.delivers(),
            "{change:?}: {end}"
        );
        let asked = u64::from(change.model.failures()).saturating_add(1);
        let asked = match change.model {
            ModelBehaviour::Unavailable => 5,
            ModelBehaviour::TooLong => 1,
            _ => asked,
        };
        assert_eq!(model.asked(change.changelist), asked, "{:?}", change.model);
        ended.push(end);
    }
    ended
}

#[tokio::test]
async fn the_stand_in_ends_every_change_as_it_is_said_to_and_the_same_each_time() {
    let ended = all_end(7).await;
    assert_eq!(ended, all_end(7).await);
    let classes: std::collections::BTreeSet<_> = ended
        .iter()
        .filter(|end| !end.ends_with(" findings"))
        .map(String::as_str)
        .collect();
    assert!(
        classes.contains("SCHEMA_INVALID") && classes.contains("MODEL_UNAVAILABLE"),
        "{classes:?}"
    );
    assert!(classes.contains("MODEL_REFUSED"), "{classes:?}");
}

#[tokio::test]
async fn each_trouble_of_the_stand_in_is_what_it_is_called() {
    let model = StandInModel::start(7).await.unwrap();
    let (client, hasty) = patient_and_hasty(&model);
    let change = Recorded::of(7, 4711);
    for (behaviour, class, waits) in [
        (ModelBehaviour::BusyForSeconds(1), "MODEL_BUSY", true),
        (ModelBehaviour::BusyUntilDate(1), "MODEL_BUSY", true),
        (ModelBehaviour::Fails(1), "MODEL_UNAVAILABLE", false),
        (ModelBehaviour::Silent(1), "NETWORK_TIMEOUT", false),
        (ModelBehaviour::BreaksOff(1), "NETWORK_UNREACHABLE", false),
    ] {
        model.behaves(4711, behaviour);
        let first = match behaviour {
            ModelBehaviour::Silent(_) => &hasty,
            _ => &client,
        };
        let error = first.review(&prompt(&change)).await.unwrap_err();
        assert_eq!(
            (error.class(), error.wait().is_some()),
            (class, waits),
            "{behaviour:?}"
        );
        assert!(
            client.review(&prompt(&change)).await.is_ok(),
            "{behaviour:?}"
        );
    }
    model.behaves(4711, ModelBehaviour::TooLong);
    let error = client.review(&prompt(&change)).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the model refused: 400, context_length_exceeded"
    );
}

#[tokio::test]
async fn hostile_answers_never_get_past_the_contract() {
    let contract = AnswerContract::new(&AcceptedVersions::default()).unwrap();
    let mut classes = std::collections::BTreeMap::<_, usize>::new();
    for seed in 0..40 {
        let model = StandInModel::start(seed).await.unwrap();
        let client = client(model.endpoint().unwrap());
        let change = Recorded::of(seed, 1);
        for behaviour in [ModelBehaviour::Hostile, ModelBehaviour::Unreadable] {
            model.behaves(1, behaviour);
            let end = ends(&client, &contract, &change).await;
            assert!(!end.ends_with(" findings"), "{seed} {behaviour:?}");
            *classes.entry(end).or_default() += 1;
        }
    }
    // Those that were too long were not even read to their end.
    let known: Vec<_> = classes.keys().map(String::as_str).collect();
    assert_eq!(
        known,
        ["MODEL_ANSWER_TOO_LARGE", "SCHEMA_INVALID"],
        "{classes:?}"
    );
}

#[tokio::test]
async fn a_stand_in_that_takes_anothers_place_goes_on_where_that_was() {
    let home = tempfile::tempdir().unwrap();
    let tally = Tally::new(home.path());
    let failing = Recorded::first(7, 50).find(|it| it.model == ModelBehaviour::Fails(1));
    let failing = failing.unwrap();
    for answers in [false, true] {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let one = serve(listener, 7, Duration::from_millis(1), tally.clone());
        let serving = tokio::spawn(one);
        let endpoint = format!("http://{address}/v1/chat/completions");
        let client = client(endpoint.parse().unwrap());
        let answer = client.review(&prompt(&failing)).await;
        assert_eq!(answer.is_ok(), answers);
        serving.abort();
    }
    assert_eq!(tally.asked(failing.changelist).unwrap(), 2);
}
