//! What is said of configurations of channels and rules that are wrong: a page of them.

use queue_ops::Config;

/// What is wrong when it is read.
const READ: &[(&str, &str)] = &[
    (
        "a table that nobody knows",
        "[chanels.mail]\ntype = \"file\"\n",
    ),
    (
        "a channel that is no table",
        "[channels]\nmail = \"smtp\"\n",
    ),
    ("channels that are no table", "channels = [\"mail\"]\n"),
    (
        "a channel without a type",
        "[channels.mail]\nhost = \"relay\"\n",
    ),
    ("a type that is none", "[channels.mail]\ntype = \"smpt\"\n"),
    ("a type that is no text", "[channels.mail]\ntype = 25\n"),
    (
        "a name that is none",
        "[channels.\"two words\"]\ntype = \"file\"\npath = \"-\"\n",
    ),
    (
        "an unknown key",
        "[channels.mail]\ntype = \"smtp\"\nhots = \"relay\"\nsender = \"a@example.org\"\nhost = \"relay\"\n",
    ),
    (
        "a key of another type",
        "[channels.log]\ntype = \"file\"\npath = \"-\"\nhost = \"relay\"\nrouting_key_file = \"/x\"\n",
    ),
    (
        "keys that are missing",
        "[channels.mail]\ntype = \"smtp\"\n\n[channels.t]\ntype = \"ticket\"\n\n[channels.q]\ntype = \"rabbitmq\"\n",
    ),
    (
        "a secret in the file",
        "[channels.mail]\ntype = \"smtp\"\nhost = \"relay\"\nsender = \"a@example.org\"\nuser = \"queue\"\npassword = \"hunter2\"\n",
    ),
    (
        "a secret in two places",
        "[channels.p]\ntype = \"pagerduty\"\nrouting_key_file = \"/run/key\"\nrouting_key_env = \"KEY\"\n",
    ),
    (
        "a source that is none",
        "[channels.h]\ntype = \"webhook\"\nsecret_credential = \"/run/whsec\"\nolder_secrets = [\"hunter2\"]\nsecrets_of = { \"https://h.example.org\" = [] }\n",
    ),
    (
        "values of other shapes",
        "[channels.mail]\ntype = \"smtp\"\nhost = \"\"\nport = 99999\ntls = \"ssl\"\nsender = 7\npipelining = \"yes\"\nidle = \"60\"\n\
         rate = \"fast\"\nconcurrency = 0\nsuppress_for = \"always\"\nroot_certificates = \"/ca.pem\"\nlongest_send = \"12y\"\n\n\
         [channels.h]\ntype = \"webhook\"\nunsigned = true\nallow_networks = [\"10.0.0.0/99\"]\n\n\
         [channels.t]\ntype = \"ticket\"\nendpoint = \"https://t.example.org\"\nkey_at = \"/key\"\nbody = \"text\"\n",
    ),
    ("rules", "escalations = [7]\n"),
    ("a rule that is no list", "[escalations]\nname = \"x\"\n"),
    (
        "wrong rules",
        "[[escalations]]\nname = \"one\"\nto = [{ chanel = \"pager\", recipient = \"ops\" }]\n\n\
         [[escalations]]\nto = [{ channel = \"pager\", recipient = \"ops\" }]\n\n\
         [[escalations]]\nname = \"three\"\nevents = [\"job_dead\"]\nto = [{ channel = \"pager\", recipient = \"ops\" }]\n\n\
         [[escalations]]\nname = \"four\"\nto = []\n\n\
         [[escalations]]\nname = \"five\"\nclasses = [\"timeout\"]\nto = [{ channel = \"pager\", recipient = \"ops\" }]\n\n\
         [[escalations]]\nname = \"six\"\ncount = 1000\nwindow = \"1h\"\nto = [{ channel = \"pager\", recipient = \"ops\" }]\n\n\
         [[escalations]]\nname = \"seven\"\nto = [{ channel = \"pager\", recipient = \"ops\" }]\n\n\
         [[escalations]]\nname = \"seven\"\nto = [{ channel = \"pager\", recipient = \"ops\" }]\n",
    ),
    ("what holds for all", "[delivery]\ngrace = \"long\"\n"),
];

/// What is wrong when a deliverer is to be built of it.
const BUILT: &[(&str, &str)] = &[
    (
        "secrets and files that are not there",
        "[channels.mail]\ntype = \"smtp\"\nhost = \"relay\"\nsender = \"a@example.org\"\nuser = \"queue\"\n\
         password_credential = \"smtp\"\nroot_certificates = [\"/nowhere/ca.pem\"]\n\n\
         [channels.p]\ntype = \"pagerduty\"\nrouting_key_env = \"NO_SUCH_VARIABLE\"\n\n\
         [channels.t]\ntype = \"ticket\"\nendpoint = \"https://t.example.org\"\nkey_at = \"/key\"\nbody_file = \"/nowhere/body.json\"\n",
    ),
    (
        "a body that is no JSON",
        "[channels.t]\ntype = \"ticket\"\nendpoint = \"https://t.example.org\"\nkey_at = \"/key\"\nbody_file = \"DIR/broken\"\n",
    ),
    (
        "a place that there is not",
        "[channels.t]\ntype = \"ticket\"\nendpoint = \"https://t.example.org\"\nkey_at = \"/key\"\nbody = { title = \"{sumary}\" }\n",
    ),
    (
        "mail in the clear",
        "[channels.mail]\ntype = \"smtp\"\nhost = \"relay\"\nsender = \"a@example.org\"\ntls = \"none\"\n",
    ),
    (
        "an address that is none",
        "[channels.mail]\ntype = \"smtp\"\nhost = \"relay\"\nsender = \"ada lovelace\"\n",
    ),
    (
        "a user without a password",
        "[channels.mail]\ntype = \"smtp\"\nhost = \"relay\"\nsender = \"a@example.org\"\nuser = \"queue\"\n",
    ),
    (
        "webhooks without a signature",
        "[channels.h]\ntype = \"webhook\"\n",
    ),
    (
        "a secret that is no signing secret",
        "[channels.h]\ntype = \"webhook\"\nsecret_file = \"DIR/broken\"\n",
    ),
    ("no routing key", "[channels.p]\ntype = \"pagerduty\"\n"),
    (
        "half a way to sign in",
        "[channels.a]\ntype = \"email_api\"\nendpoint = \"https://a.example.org\"\nauth = \"basic\"\nauth_secret_file = \"DIR/broken\"\n",
    ),
    (
        "half a search",
        "[channels.a]\ntype = \"email_api\"\nendpoint = \"https://a.example.org\"\nsearch_id_at = \"/id\"\n",
    ),
    (
        "a search by a place that there is not",
        "[channels.a]\ntype = \"email_api\"\nendpoint = \"https://a.example.org\"\nsearch_url = \"https://a.example.org/{mail}\"\n",
    ),
    (
        "a search that finds others, too",
        "[channels.a]\ntype = \"email_api\"\nendpoint = \"https://a.example.org\"\nsearch_url = \"https://a.example.org/?to={recipient}\"\n",
    ),
    (
        "an endpoint with a password",
        "[channels.a]\ntype = \"email_api\"\nendpoint = \"https://ops:hunter2@a.example.org\"\n",
    ),
    (
        "a policy",
        "[channels.log]\ntype = \"file\"\npath = \"-\"\nburst = 5\n\n[channels.other]\ntype = \"file\"\npath = \"-\"\nlease = \"1ms\"\n",
    ),
];

#[tokio::test]
async fn what_is_wrong_says_what_to_write() {
    let dir = tempfile::tempdir().unwrap();
    let broken = dir.path().join("broken");
    std::fs::write(&broken, "hunter2").unwrap();
    let dir = dir.path().to_str().unwrap();
    let mut page = String::new();
    for (what, text) in READ {
        let error = Config::from_toml(text).unwrap_err();
        page += &format!("## {what}\n\n{text}\n{error}\n\n");
    }
    for (what, text) in BUILT {
        let config = Config::from_toml(&text.replace("DIR", dir)).unwrap();
        let error = config.delivery.check().unwrap_err().to_string();
        page += &format!("## {what}\n\n{text}\n{}\n\n", error.replace(dir, "DIR"));
    }
    // Secrets stand in the configurations, and in none of the answers.
    assert_eq!(page.matches("hunter2").count(), 3, "{page}");
    insta::assert_snapshot!(page);
}
