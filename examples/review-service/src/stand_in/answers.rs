//! What the stand-in for the model answers: recorded answers, with the files and versions of who asks.

use super::behaviour::ModelBehaviour;
use super::draw::Draw;
use super::model::Asked;

/// An answer, before it is about a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Recipe {
    /// A recorded one: its name, and its text.
    Recorded(&'static str, &'static str),
    /// One so deep that whoever reads it by recursion falls over.
    Deep,
    /// A good one, but for its ten mebibytes.
    Huge,
}

macro_rules! recorded {
    ($folder:literal: $($name:literal),+ $(,)?) => {
        &[$(Recipe::Recorded(
            concat!($folder, "/", $name),
            include_str!(concat!("../../fixtures/answers/", $folder, "/", $name)),
        )),+]
    };
}

const VALID: &[Recipe] = recorded!("valid": "every-field.json", "nothing-found.json", "one-finding.json",
    "other-languages.json", "three-findings.json");
const MESSY: &[Recipe] = recorded!("messy": "extra-keys.json", "good-and-bad.json", "lines-as-digits.json",
    "lines-backwards.json", "missing-fields.json", "padded.json", "windows-paths.json");
const ALL_DROPPED: &[Recipe] = recorded!("all-dropped": "another-scale.json", "made-up-files.json");
const HOSTILE_TEXTS: &[Recipe] = recorded!("hostile-texts": "headers.json", "injection.json", "markup.json",
    "templates.json");
const HOSTILE: &[Recipe] =
    recorded!("hostile": "instructions.txt", "prototype.json", "twice.json", "types.json");
const GENERATED: &[Recipe] = &[Recipe::Deep, Recipe::Huge];
const UNREADABLE: &[Recipe] = recorded!("unreadable": "another-version.json", "bare-list.json", "code-fence.txt",
    "cut-off.txt", "no-versions.json", "prose-around.txt");

/// What there is to choose from.
pub(super) fn pool(behaviour: ModelBehaviour) -> Vec<Recipe> {
    let pools: &[&[Recipe]] = match behaviour {
        ModelBehaviour::Messy => &[MESSY],
        ModelBehaviour::AllDropped => &[ALL_DROPPED],
        ModelBehaviour::HostileTexts => &[HOSTILE_TEXTS],
        ModelBehaviour::Hostile => &[HOSTILE, GENERATED],
        ModelBehaviour::Unreadable => &[UNREADABLE],
        _ => &[VALID],
    };
    pools.concat()
}

/// What answers the review of a change, the same each time.
pub(super) fn recipe(seed: u64, behaviour: ModelBehaviour, changelist: u64) -> Recipe {
    let pool = pool(behaviour);
    let place = Draw::of(seed, changelist ^ 0x616e_7377_6572).below(pool.len());
    pool.get(place).copied().unwrap_or(Recipe::Deep)
}

/// So many lists in each other.
const DEPTH: usize = 100_000;
/// Where nothing stands that is long.
pub(super) const PADDING: &str = "@padding@";
/// So many characters of nothing.
pub(super) const LENGTH: usize = 10 * 1024 * 1024;

impl Recipe {
    /// The answer about a change; that of [`Self::Huge`] is not padded yet.
    pub(super) fn about(self, asked: &Asked) -> String {
        let file = |it: Option<&String>| it.map_or("", String::as_str).to_owned();
        let first = file(asked.files.first());
        // As it stands inside a text of JSON.
        let quoted = |text: &str| {
            let text = serde_json::Value::from(text).to_string();
            text.trim_matches('"').to_owned()
        };
        let head = format!(
            r#""schema_version": "{}", "prompt_version": "{}""#,
            asked.schema, asked.prompt
        );
        match self {
            Self::Recorded(_, text) => text
                .replace("@schema@", &asked.schema)
                .replace("@prompt@", &asked.prompt)
                .replace("@backslashed@", &quoted(&first.replace('/', "\\")))
                .replace("@last@", &quoted(&file(asked.files.last())))
                .replace("@file@", &quoted(&first)),
            Self::Deep => format!(
                r#"{{{head}, "findings": {}{}}}"#,
                "[".repeat(DEPTH),
                "]".repeat(DEPTH)
            ),
            Self::Huge => format!(r#"{{{head}, "findings": [], "summary": "{PADDING}"}}"#),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;
    use crate::review::{AcceptedVersions, AnswerContract, Checked};

    fn asked() -> Asked {
        Asked {
            changelist: 1000,
            schema: "1.0".to_owned(),
            prompt: "1.0.0".to_owned(),
            files: vec![
                "//depot/orders/src/cache/store.rs".to_owned(),
                "//depot/orders/docs/Übersicht.md".to_owned(),
            ],
        }
    }

    fn checked(recipe: Recipe) -> Checked {
        let contract = AnswerContract::new(&AcceptedVersions::default()).unwrap();
        let answer = recipe.about(&asked()).replace(PADDING, &"x".repeat(LENGTH));
        contract.check(answer, &asked().files, None)
    }

    fn codes(checked: &Checked) -> Vec<&'static str> {
        let said = checked.diagnostics().iter();
        said.map(|said| said.code.as_str()).collect()
    }

    #[test]
    fn every_recorded_answer_is_used() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/answers");
        let mut lying = BTreeSet::new();
        for kind in folder.read_dir().unwrap() {
            let kind = kind.unwrap();
            for file in kind.path().read_dir().unwrap() {
                let (kind, file) = (kind.file_name(), file.unwrap().file_name());
                lying.insert(format!(
                    "{}/{}",
                    kind.to_str().unwrap(),
                    file.to_str().unwrap()
                ));
            }
        }
        let used: BTreeSet<_> = [
            VALID,
            MESSY,
            ALL_DROPPED,
            HOSTILE_TEXTS,
            HOSTILE,
            UNREADABLE,
        ]
        .concat()
        .into_iter()
        .filter_map(|recipe| match recipe {
            Recipe::Recorded(name, _) => Some(name.to_owned()),
            _ => None,
        })
        .collect();
        assert_eq!(used, lying);
    }

    #[test]
    fn each_is_what_it_is_said_to_be() {
        for recipe in pool(ModelBehaviour::Valid) {
            let checked = checked(recipe);
            assert!(checked.is_accepted(), "{recipe:?}");
            assert_eq!(codes(&checked), [""; 0], "{recipe:?}");
        }
        for recipe in pool(ModelBehaviour::Messy) {
            let checked = checked(recipe);
            assert!(
                !checked.findings().is_empty(),
                "{recipe:?}: {:?}",
                codes(&checked)
            );
            assert!(!codes(&checked).is_empty(), "{recipe:?}");
        }
        for recipe in pool(ModelBehaviour::AllDropped) {
            let checked = checked(recipe);
            assert!(
                checked.is_accepted() && checked.findings().is_empty(),
                "{recipe:?}"
            );
            assert!(
                codes(&checked).contains(&"all_findings_dropped"),
                "{recipe:?}"
            );
        }
        for recipe in pool(ModelBehaviour::HostileTexts) {
            let checked = checked(recipe);
            assert_eq!(
                checked.findings().len(),
                checked.items().given,
                "{recipe:?}"
            );
        }
    }

    #[test]
    fn nothing_hostile_gets_past_the_contract() {
        for behaviour in [ModelBehaviour::Hostile, ModelBehaviour::Unreadable] {
            for recipe in pool(behaviour) {
                let checked = checked(recipe);
                let said = codes(&checked);
                assert!(!checked.is_accepted(), "{recipe:?}");
                assert_eq!(said.last(), Some(&"response_rejected"), "{recipe:?}");
                // What a dead letter will have repeats nothing of what the model wrote.
                let failure = checked.into_review().unwrap_err().failure();
                assert!(!failure.is_retryable() && failure.reason.is_some());
                assert!(!failure.message.contains("OVERRIDE"), "{}", failure.message);
                assert!(failure.message.len() < 2000, "{}", failure.message.len());
            }
        }
    }

    #[test]
    fn verdicts_are_as_they_were() {
        for recipe in [
            VALID,
            MESSY,
            ALL_DROPPED,
            HOSTILE_TEXTS,
            HOSTILE,
            UNREADABLE,
        ]
        .concat()
        {
            let Recipe::Recorded(name, _) = recipe else {
                continue;
            };
            let said = serde_json::to_string_pretty(&checked(recipe)).unwrap();
            insta::with_settings!({ snapshot_path => "../../fixtures/verdicts", prepend_module_to_snapshot => false, omit_expression => true }, {
                insta::assert_snapshot!(name.replace(['/', '.'], "-"), said);
            });
        }
    }
}
