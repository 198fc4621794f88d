//! What the walk-through shows is what the service takes.
#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

use review_service::model::ModelConfig;
use review_service::review::AcceptedVersions;
use review_service::rollout::{RolloutConfig, RolloutPlan};
use serde::de::DeserializeOwned;

const README: &str = include_str!("../README.md");

/// The settings of a name, wherever they are shown.
fn shown<T: DeserializeOwned>(name: &str) -> T {
    let blocks = README.split("```toml\n").skip(1);
    let mut tables = blocks.map(|block| {
        let text = block.split("```").next().unwrap();
        toml::from_str::<toml::Table>(text).unwrap()
    });
    let found = tables.find_map(|mut table| table.remove(name)).unwrap();
    found.try_into().unwrap()
}

#[test]
fn the_settings_of_the_model_are_settings() {
    let model: ModelConfig = shown("model");
    assert_eq!(model.timeout().as_secs(), 90);
    let plain = ModelConfig::new(model.endpoint.clone(), model.model.clone());
    assert_eq!(model.longest_answer, plain.longest_answer);
}

#[test]
fn the_rollout_can_be_kept_with_the_versions_and_not_without() {
    let (rollout, versions): (RolloutConfig, AcceptedVersions) =
        (shown("rollout"), shown("versions"));
    assert!(rollout.candidate.is_some());
    assert!(RolloutPlan::new(rollout.clone(), &versions).is_ok());
    assert!(RolloutPlan::new(rollout, &AcceptedVersions::default()).is_err());
}
