//! Keys that begin as their maker begins them.

use crate::redaction::Class;
use crate::redaction::classes::Found;
use crate::redaction::word::{byte, is_base64, is_token68, run};

/// How far after its beginning a key is looked at before it counts as one.
const LOOK: usize = 40;

/// A beginning, and what has to follow it.
struct Form {
    begin: &'static str,
    follows: fn(u8) -> bool,
    at_least: usize,
    /// Words of a language begin like this, too: then a digit must follow.
    digit: bool,
}

const fn form(begin: &'static str, follows: fn(u8) -> bool, at_least: usize) -> Form {
    Form {
        begin,
        follows,
        at_least,
        digit: false,
    }
}

const fn with_digit(begin: &'static str, follows: fn(u8) -> bool, at_least: usize) -> Form {
    Form {
        begin,
        follows,
        at_least,
        digit: true,
    }
}

fn capital(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit()
}

fn plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

fn word(byte: u8) -> bool {
    plain(byte) || byte == b'_'
}

fn dashed(byte: u8) -> bool {
    word(byte) || byte == b'-'
}

fn path(byte: u8) -> bool {
    dashed(byte) || byte == b'/'
}

static FORMS: &[Form] = &[
    // Amazon.
    form("AKIA", capital, 16),
    form("ASIA", capital, 16),
    // GitHub, GitLab.
    form("ghp_", plain, 30),
    form("gho_", plain, 30),
    form("ghu_", plain, 30),
    form("ghs_", plain, 30),
    form("ghr_", plain, 30),
    form("github_pat_", word, 22),
    form("glpat-", dashed, 20),
    form("gldt-", dashed, 20),
    form("glrt-", dashed, 20),
    // Slack, Discord.
    form("xoxa-", dashed, 10),
    form("xoxb-", dashed, 10),
    form("xoxp-", dashed, 10),
    form("xoxr-", dashed, 10),
    form("xoxs-", dashed, 10),
    form("xapp-", dashed, 10),
    form("hooks.slack.com/services/", path, 20),
    form("discord.com/api/webhooks/", path, 20),
    // Makers of models.
    with_digit("sk-", dashed, 20),
    form("hf_", plain, 30),
    form("gsk_", plain, 30),
    // Payments.
    form("sk_live_", plain, 10),
    form("sk_test_", plain, 10),
    form("rk_live_", plain, 10),
    form("rk_test_", plain, 10),
    form("whsec_", is_base64, 20),
    // Google.
    form("AIza", dashed, 35),
    form("ya29.", dashed, 20),
    form("GOCSPX-", dashed, 20),
    // Registries and hosts.
    form("npm_", plain, 30),
    form("pypi-", dashed, 40),
    form("crates-io-", plain, 20),
    form("dckr_pat_", dashed, 20),
    form("dop_v1_", plain, 40),
    form("hvs.", dashed, 20),
    form("shpat_", plain, 32),
    form("SG.", is_token68, 40),
    form("lin_api_", plain, 30),
    form("PMAK-", dashed, 30),
    form("AGE-SECRET-KEY-1", capital, 40),
    // What begins so is base64 of a JSON object: mostly a token of JWT.
    form("eyJ", is_token68, 20),
];

pub(super) fn find(line: &str, found: &mut Found<'_>) {
    let mut at = 0;
    let mut boundary = true;
    while let Some(here) = byte(line, at) {
        found.meter.spend(1);
        if boundary && let Some(end) = key_at(line, at, here, found) {
            found.push(Class::KnownKey, at..end);
            at = end;
        } else {
            at += 1;
        }
        boundary = !here.is_ascii_alphanumeric();
    }
}

/// Where the key ends that begins here.
fn key_at(line: &str, at: usize, here: u8, found: &mut Found<'_>) -> Option<usize> {
    let rest = line.as_bytes().get(at..)?;
    let of = |form: &&Form| {
        form.begin.as_bytes().first() == Some(&here) && rest.starts_with(form.begin.as_bytes())
    };
    let form = FORMS.iter().find(of)?;
    let body = at + form.begin.len();
    let looked = rest.iter().skip(form.begin.len()).take(LOOK);
    let seen: Vec<u8> = looked
        .take_while(|byte| (form.follows)(**byte))
        .copied()
        .collect();
    found.meter.spend(form.begin.len() + seen.len());
    let convincing = !form.digit || seen.iter().any(u8::is_ascii_digit);
    if seen.len() < form.at_least || !convincing {
        return None;
    }
    let length = run(line, body, form.follows);
    found.meter.spend(length);
    Some(body + length)
}
