//! The reference service, a depot of one change, and a model that sees by which key it is asked.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use fixtures::scripted_http::{ScriptedHttp, Step};
use serde_json::json;

use super::secret;
use crate::scene::{Scene, Unit, until};

/// Answers `describe` for any number.
const P4: &str = r#"#!/bin/sh
for last; do :; done
cat <<EOF
Change $last by mlind@desk on 2026/11/20 10:00:00

	Escape what comes from outside

Affected files ...

... //depot/shop/src/db.rs#3 edit

Differences ...

==== //depot/shop/src/db.rs#3 (text) ====

@@ -17 +17 @@
-old
+let id = 1;

EOF
"#;

#[derive(Debug)]
pub(super) struct Model(ScriptedHttp);

impl Model {
    pub(super) fn start(scene: &Scene) -> Self {
        let review = json!({
            "schema_version": "1.0", "prompt_version": "1.0.0", "findings": [], "summary": "It is right.",
        });
        let answer = json!({ "choices": [{
            "index": 0, "finish_reason": "stop",
            "message": { "role": "assistant", "content": review.to_string() },
        }] });
        let model = scene.block_on(ScriptedHttp::start([Step::json(200, &answer)]));
        secret(scene, "secrets/model-key", "the-old-key");
        secret(scene, "new/model-key", "the-new-key");
        let p4 = scene.path("bin/p4");
        fs::write(&p4, P4).unwrap();
        fs::set_permissions(&p4, fs::Permissions::from_mode(0o755)).unwrap();
        let config = scene.path("review.toml");
        let text = format!(
            "leasehold = {:?}\n[ingest]\nlisten = \"127.0.0.1:0\"\n[allow_list]\nprefixes = [\"//depot/shop/...\"]\n\
             [depot]\nexecutable = {p4:?}\n[model]\nendpoint = {:?}\nmodel = \"reviewer\"\ncredential = {:?}\n\
             [notice]\nfrom = \"Reviews <reviews@example.org>\"\nchannel = \"email\"\n",
            scene.config(),
            model.url("/v1/chat/completions"),
            format!("file:{}", scene.path("secrets/model-key").display()),
        );
        fs::write(&config, text).unwrap();
        let config = config.display().to_string();
        scene.value("REVIEW_CONFIG", &config);
        for verb in ["serve", "work"] {
            let program = scene.path("bin/review-service");
            let unit = Unit::new(&program, &[verb, "--config", &config]);
            let unit = unit.with("USER", "reviewer").within(&scene.path("."));
            scene.manager.install(&format!("review-{verb}"), unit);
            scene.manager.must("start", &format!("review-{verb}"));
        }
        let log = || scene.manager.log("review-serve");
        let place = || {
            let log = log();
            let (_, place) = log.split_once("127.0.0.1:")?;
            let digits: String = place.chars().take_while(char::is_ascii_digit).collect();
            Some(format!("http://127.0.0.1:{digits}"))
        };
        assert!(until(|| place().is_some()), "{}", log());
        scene.value("REVIEWS", &place().unwrap());
        Self(model)
    }

    /// It was asked, and by that key only.
    pub(super) fn was_asked_by(&self, key: &str) {
        assert!(until(|| !self.0.seen().is_empty()), "nobody has asked");
        for request in self.0.seen() {
            let wanted = format!("Bearer the-{key}-key");
            assert_eq!(request.header("authorization"), Some(wanted.as_str()));
        }
    }
}
