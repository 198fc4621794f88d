//! How a provider knows us.

use super::key::{ChannelKey, Shape, key};

/// The keys of channels to a provider that wants to know who we are.
pub(super) const KEYS: &[ChannelKey] = &[
    key(
        "auth",
        Shape::Choice(&["bearer", "basic", "header"]),
        "how the provider knows us: bearer for a token, basic for a user and a password, header for a header of its own",
    ),
    key("auth_user", Shape::Text, "for basic: the user"),
    key(
        "auth_header",
        Shape::Text,
        "for header: its name, like X-Api-Key",
    ),
    key("auth_secret", Shape::Secret, "the token, password or value"),
];

#[cfg(feature = "search")]
pub(super) fn credential(
    values: &super::values::Values,
) -> Result<Option<queue_core::channel::Credential>, String> {
    use queue_core::channel::Credential;
    let (how, user, header) = (
        values.text("auth"),
        values.text("auth_user"),
        values.text("auth_header"),
    );
    let secret = values.source("auth_secret");
    let Some(how) = how else {
        return match (user, header, secret) {
            (None, None, None) => Ok(None),
            _ => Err("how the provider knows us is not said: write `auth`, \"bearer\", \"basic\" or \"header\"".to_owned()),
        };
    };
    let secret = secret.ok_or_else(|| {
        "`auth` has no secret: name where it is, by `auth_secret_file`, `auth_secret_credential` or `auth_secret_env`"
            .to_owned()
    })?;
    if user.is_some() && how != "basic" {
        return Err("`auth_user` is for `auth = \"basic\"`: leave one of them out".to_owned());
    }
    if header.is_some() && how != "header" {
        return Err("`auth_header` is for `auth = \"header\"`: leave one of them out".to_owned());
    }
    match (how, user, header) {
        ("basic", Some(user), _) => Ok(Some(Credential::Basic {
            user: user.to_owned(),
            password: secret,
        })),
        ("basic", None, _) => Err("`auth = \"basic\"` needs a user: write `auth_user`".to_owned()),
        ("header", _, Some(name)) => Ok(Some(Credential::Header {
            name: name.to_owned(),
            value: secret,
        })),
        ("header", _, None) => Err(
            "`auth = \"header\"` needs the header's name: write `auth_header`, like \"X-Api-Key\""
                .to_owned(),
        ),
        _ => Ok(Some(Credential::Bearer(secret))),
    }
}
