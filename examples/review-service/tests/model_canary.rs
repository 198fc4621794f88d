//! The key of the model is read nowhere: not in errors, not in what is printed, not in any log of any library.
#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

use fixtures::overheard::{heard, listen, never, note};
use fixtures::scripted_http::{ScriptedHttp, Step};
use review_service::model::{Material, ModelClient, ModelConfig, Prompt};
use review_service::redaction::{RedactionPolicy, Redactor};
use review_service::review::{AcceptedVersions, AnswerContract, Edition};
use review_service::stand_in::changes::ModelBehaviour;
use review_service::stand_in::model::StandInModel;

const KEY: &str = "canary_key_that_only_has_letters";
const DESCRIPTION: &str = "canary words that only the model is told";

fn prompt() -> Prompt {
    let redactor = Redactor::new(RedactionPolicy::default()).unwrap();
    let redacted = |text: &str| redactor.redact(text).unwrap();
    let material = Material {
        changelist: 17,
        description: &redacted(DESCRIPTION),
        files: &redacted("//depot/app/src/a.rs"),
        diff: &redacted("@@ -1 +1 @@\n-a\n+b\n"),
        cut: false,
    };
    Prompt::build(&material, Edition::default()).unwrap()
}

#[tokio::test]
async fn the_key_and_the_prompt_are_never_read() {
    listen();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    std::fs::write(&path, format!("{KEY}\n")).unwrap();
    let source = format!("file:{}", path.display());
    let prompt = prompt();
    let client = |endpoint| {
        let mut config = ModelConfig::new(endpoint, "reviewer-large");
        config.credential = Some(source.parse().unwrap());
        config.timeout = Some("1s".parse().unwrap());
        note(format_args!("{config:?}"));
        let client = ModelClient::new(config, prompt.policy_digest()).unwrap();
        note(format_args!("{client:?}"));
        client
    };
    let quoted = format!(r#"{{"error": {{"code": "{KEY}", "type": "{KEY}"}}}}"#);
    let steps = [
        Step::echo(400),
        Step::echo(401),
        Step::echo(429),
        Step::echo(500),
        Step::echo(200),
        Step::echo(302),
        Step::answer(401, &[], &quoted),
        Step::answer(429, &[("retry-after", KEY)], &quoted),
        Step::close(),
        Step::reset(),
        Step::silence(),
    ];
    for step in steps {
        let server = ScriptedHttp::start([step]).await;
        let asked = client(server.url("/v1").parse().unwrap());
        let error = asked.review(&prompt).await.unwrap_err();
        let sent = server.seen();
        let sent = sent.first().unwrap().header("authorization");
        assert_eq!(sent, Some(format!("Bearer {KEY}").as_str()));
        note(format_args!("{error} {error:?} {:?}", error.failure()));
    }
    // The stand-in repeats what it was sent, too.
    let model = StandInModel::start(7).await.unwrap();
    let asked = client(model.endpoint().unwrap());
    let contract = AnswerContract::new(&AcceptedVersions::default()).unwrap();
    for behaviour in [
        ModelBehaviour::Valid,
        ModelBehaviour::Hostile,
        ModelBehaviour::Unavailable,
        ModelBehaviour::TooLong,
        ModelBehaviour::BusyForSeconds(1),
    ] {
        model.behaves(17, behaviour);
        match asked.review(&prompt).await {
            Ok(answer) => note(format_args!("{:?}", contract.check(answer.text, &[], None))),
            Err(error) => note(format_args!("{error:?} {:?}", error.failure())),
        }
    }
    assert!(heard().contains("the model has not answered"));
    never(&[KEY, DESCRIPTION]);
}
