//! Sequences that are worth trying: few paths, so that operations meet each other; much that is right, something of
//! everything that is wrong.
//!
//! Not drawn: a `check` outside a multi, which Apache ZooKeeper never answers; what would change the system's own znodes
//! for the cases that follow; anything that hangs on how long things take. Nor what is listed as meant in
//! `docs/compatibility-differences.md` and would make all that follows differ: a persistent watch and one that fires once
//! or a recursive one on one path, a watch on the empty path, watcher types that came after 3.8.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::Union;

use super::operation::{Act, Ask, Entry, Form, Reconnect, SLOTS, Step};

/// The digest of `u:p`.
const OF_U: &str = "u:Jq7wMyA/w2Vd5WIDAKdu4OIIFEQ=";

/// Whole cases, of so many steps at most.
pub fn steps(most: usize) -> impl Strategy<Value = Vec<Step>> {
    vec((0..SLOTS, act()).prop_map(|(slot, act)| Step { slot, act }), 1..=most)
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        40 => ask().prop_map(|ask| Act::Ask(vec![ask])),
        8 => vec(ask(), 2..6).prop_map(|asks| Act::Ask(pipeline(asks))),
        1 => Just(Act::Drop),
        2 => reconnect().prop_map(Act::Reconnect),
    ]
}

/// Operations that are read before they are refused.
const KNOWN: [i32; 12] = [1, 2, 3, 4, 5, 8, 14, 18, 22, 101, 103, 106];

/// What can be asked without waiting for what comes before it.
fn pipeline(asks: Vec<Ask>) -> Vec<Ask> {
    let last = asks.iter().position(Ask::ends_a_pipeline).map_or(asks.len(), |last| last + 1);
    let is_auth = |ask: &Ask| match ask {
        Ask::Auth { .. } => true,
        Ask::Garbled { code, .. } => !KNOWN.contains(code),
        _ => false,
    };
    // These are answered out of turn: alone, or not at all.
    if is_auth(&asks[last - 1]) {
        let before = &asks[..last - 1];
        return if before.is_empty() { asks[..1].to_vec() } else { before.to_vec() };
    }
    asks[..last].to_vec()
}

fn reconnect() -> impl Strategy<Value = Reconnect> {
    let properly = (select(vec![30_000, 0, -1, i32::MAX, 100_000]), select(vec![Some(false), Some(true), None]));
    prop_oneof![
        4 => properly.prop_map(|(timeout, read_only)| Reconnect::Properly { timeout, read_only }),
        1 => Just(Reconnect::WrongPassword),
        1 => Just(Reconnect::Ahead),
        1 => Just(Reconnect::Unknown),
    ]
}

fn texts(texts: &[&str]) -> impl Strategy<Value = String> + use<> {
    select(texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>())
}

/// Where most things happen.
fn place() -> impl Strategy<Value = String> {
    let first = texts(&["~/a", "~/b", "~", "~/a/a", "~/a/b", "~/b/a", "~/a/a/a"]);
    let named = texts(&["~/s-", "~/s-0000000000", "~/s-0000000001", "~/a/0000000000", "~/a/0000000001", "~/aa", "~/é"]);
    prop_oneof![10 => first, 2 => named]
}

fn quota() -> impl Strategy<Value = String> {
    texts(&[
        "/zookeeper/quota~",
        "/zookeeper/quota~/zookeeper_limits",
        "/zookeeper/quota~/zookeeper_stats",
        "/zookeeper/quota~/a",
        "/zookeeper/quota~/a/zookeeper_limits",
        "/zookeeper/quota~/a/zookeeper_stats",
    ])
}

/// Paths that may have persistent watches; no other has them, and these have no others.
const PERSISTENT: [&str; 3] = ["~/b/a", "~/s-", "/zookeeper/quota~"];

/// Paths that may have persistent recursive watches; no other has them, and these have no others.
const RECURSIVE: [&str; 3] = ["~", "~/a/a", "~/aa"];

/// Whether a watch that fires once may be set there.
fn fires_once(path: &str) -> bool {
    !path.is_empty() && !PERSISTENT.contains(&path) && !RECURSIVE.contains(&path)
}

fn once() -> impl Strategy<Value = String> {
    path().prop_map(|path| if fires_once(&path) { path } else { "~/a".to_owned() })
}

fn wrong() -> impl Strategy<Value = String> {
    texts(&[
        "a",
        "~/",
        "~/a/",
        "~//a",
        "~/.",
        "~/..",
        "~/./a",
        "~/a/../b",
        "~/\u{1}",
        "~/a\0b",
        "~/\u{80}",
        "~/\u{f8ff}",
        "~/\u{fff0}",
        "~/ ",
        "//",
        "/none/a",
        "~/none/a",
    ])
}

fn shared() -> impl Strategy<Value = String> {
    texts(&["/", "", "/zookeeper", "/zookeeper/quota", "/zookeeper/config"])
}

/// Any path that a read, a watch or a delete may be about.
fn path() -> impl Strategy<Value = String> {
    prop_oneof![24 => place(), 2 => wrong(), 1 => shared(), 2 => quota()]
}

/// A path that a write may be about.
fn own() -> impl Strategy<Value = String> {
    prop_oneof![24 => place(), 2 => wrong(), 2 => quota()]
}

fn version() -> impl Strategy<Value = i32> {
    prop_oneof![6 => Just(-1), 2 => Just(0), 1 => Just(1), 1 => Just(2), 1 => Just(-2)]
}

fn data() -> impl Strategy<Value = Option<String>> {
    let limits = texts(&["count=2,bytes=6", "count=3,bytes=-1", "count=-1,bytes=-1;byteHardLimit=6;countHardLimit=3"]);
    let some = prop_oneof![8 => texts(&["", "x", "12345678"]), 2 => limits];
    option::weighted(0.8, some)
}

fn entry() -> impl Strategy<Value = Entry> {
    let who = select(vec![
        ("world", "anyone"),
        ("world", "anyone"),
        ("auth", ""),
        ("auth", "x"),
        ("digest", OF_U),
        ("digest", "v:no"),
        ("ip", "127.0.0.1"),
        ("ip", "127.0.0.0/8"),
        ("ip", "10.0.0.1"),
        ("digest", "nocolon"),
        ("ip", "nowhere"),
        ("world", "nobody"),
        ("x509", "CN=a"),
        ("sasl", "a"),
        ("super", ""),
        ("none", "a"),
    ]);
    let permissions = prop_oneof![6 => Just(31), 3 => 1..31_i32, 1 => select(vec![0, 32, -1])];
    (permissions, who).prop_map(|(permissions, (scheme, id))| Entry {
        permissions,
        scheme: scheme.to_owned(),
        id: id.to_owned(),
    })
}

fn open() -> Vec<Entry> {
    vec![Entry { permissions: 31, scheme: "world".to_owned(), id: "anyone".to_owned() }]
}

fn acl() -> impl Strategy<Value = Vec<Entry>> {
    prop_oneof![1 => Just(open()), 2 => vec(entry(), 0..3)]
}

fn create() -> impl Strategy<Value = Ask> {
    let ttl = prop_oneof![4 => Just(600_000), 1 => select(vec![0, -1, (1 << 40) - 1, 1 << 40])];
    let form = prop_oneof![
        4 => Just(Form::Create),
        4 => Just(Form::Create2),
        1 => Just(Form::Container),
        1 => ttl.prop_map(Form::Ttl),
    ];
    let fitting = (form, select(vec![0, 0, 1, 2, 3, 0, 1])).prop_map(|(form, flags)| match form {
        Form::Container => (form, 4),
        Form::Ttl(_) => (form, 5 + flags % 2),
        form => (form, flags),
    });
    let anything = (prop_oneof![Just(Form::Create), Just(Form::Container), Just(Form::Ttl(600_000))], -1..9);
    let kind = prop_oneof![12 => fitting, 1 => anything];
    let acl = prop_oneof![6 => Just(open()), 2 => acl()];
    let path = prop_oneof![24 => own(), 1 => shared()];
    (kind, path, data(), acl).prop_map(|((form, flags), path, data, acl)| {
        // A number behind one of these would make a znode that outlives the case.
        let stays = matches!(path.as_str(), "~" | "/" | "" | "//")
            || path.starts_with("/zookeeper") && !path.starts_with("/zookeeper/quota~/");
        let flags = if stays && !matches!(flags, 0 | 1) { 0 } else { flags };
        let form = if flags == 0 && matches!(form, Form::Ttl(_) | Form::Container) { Form::Create } else { form };
        Ask::Create { form, path, data, acl, flags }
    })
}

fn set_data() -> impl Strategy<Value = Ask> {
    let path = prop_oneof![24 => own(), 1 => texts(&["/", ""])];
    (path, data(), version()).prop_map(|(path, data, version)| Ask::SetData { path, data, version })
}

fn delete() -> impl Strategy<Value = Ask> {
    (path(), version()).prop_map(|(path, version)| Ask::Delete { path, version })
}

fn check() -> impl Strategy<Value = Ask> {
    (path(), version()).prop_map(|(path, version)| Ask::Check { path, version })
}

fn get_data() -> impl Strategy<Value = Ask> {
    (path(), any::<bool>()).prop_map(|(path, watch)| Ask::GetData { watch: watch && fires_once(&path), path })
}

fn get_children() -> impl Strategy<Value = Ask> {
    (path(), any::<bool>()).prop_map(|(path, watch)| Ask::GetChildren { watch: watch && fires_once(&path), path })
}

fn write() -> impl Strategy<Value = Ask> {
    let set_acl = (own(), acl(), version()).prop_map(|(path, acl, version)| Ask::SetAcl { path, acl, version });
    let part = prop_oneof![6 => create(), 3 => delete(), 3 => set_data(), 2 => check(), 1 => get_data()];
    let multi = vec(part, 0..5).prop_map(Ask::Multi);
    prop_oneof![10 => create(), 6 => delete(), 6 => set_data(), 3 => set_acl, 5 => multi]
}

fn read() -> impl Strategy<Value = Ask> {
    let exists =
        (path(), any::<bool>()).prop_map(|(path, watch)| Ask::Exists { watch: watch && fires_once(&path), path });
    let children2 =
        (path(), any::<bool>()).prop_map(|(path, watch)| Ask::GetChildren2 { watch: watch && fires_once(&path), path });
    let several = vec(prop_oneof![8 => get_data(), 8 => get_children(), 1 => check()], 0..4).prop_map(Ask::MultiRead);
    prop_oneof![
        4 => exists,
        4 => get_data(),
        2 => get_children(),
        3 => children2,
        2 => path().prop_map(|path| Ask::GetAcl { path }),
        1 => path().prop_map(|path| Ask::Sync { path }),
        2 => several,
        1 => path().prop_map(|prefix| Ask::GetEphemerals { prefix }),
        1 => path().prop_map(|path| Ask::GetAllChildrenNumber { path }),
        1 => Just(Ask::WhoAmI),
        1 => Just(Ask::Ping),
    ]
}

fn watch() -> impl Strategy<Value = Ask> {
    let kind = || prop_oneof![12 => 1..4_i32, 1 => select(vec![0, 6, -1])];
    // 3.8 takes half of a persistent watch away, or finds half of one, if it is asked for a kind that fires once.
    let fitting = |(path, kind): (String, i32)| {
        let path = if path.is_empty() { "/".to_owned() } else { path };
        let kind = if fires_once(&path) || kind <= 0 || kind > 3 { kind } else { 3 };
        (path, kind)
    };
    let mode = prop_oneof![8 => Just(None), 1 => select(vec![Some(2), Some(-1)])];
    let since = || prop_oneof![1 => Just(-1), 4 => 0..40_i64, 1 => Just(1_000_000)];
    let paths = || vec(once(), 0..3);
    let lasting = (any::<bool>(), texts(&PERSISTENT), texts(&RECURSIVE), mode).prop_map(
        |(is_recursive, persistent, recursive, mode)| {
            let path = if is_recursive { recursive } else { persistent };
            Ask::AddWatch { path, mode: mode.unwrap_or(i32::from(is_recursive)) }
        },
    );
    let set = (since(), paths(), paths(), paths()).prop_map(|(since, data, exist, child)| Ask::SetWatches {
        since,
        data,
        exist,
        child,
    });
    let set2 = (since(), paths(), paths(), paths(), vec(texts(&PERSISTENT), 0..3), vec(texts(&RECURSIVE), 0..3))
        .prop_map(|(since, data, exist, child, persistent, recursive)| Ask::SetWatches2 {
            since,
            data,
            exist,
            child,
            persistent,
            recursive,
        });
    prop_oneof![
        5 => lasting,
        4 => (path(), kind()).prop_map(fitting).prop_map(|(path, kind)| Ask::RemoveWatches { path, kind }),
        2 => (path(), kind()).prop_map(fitting).prop_map(|(path, kind)| Ask::CheckWatches { path, kind }),
        1 => set,
        1 => set2,
    ]
}

fn rest() -> impl Strategy<Value = Ask> {
    let credentials = select(vec![
        ("digest", "u:p"),
        ("digest", "u:p"),
        ("digest", "super:test"),
        ("digest", "v"),
        ("digest", ""),
        ("ip", ""),
        ("world", "anyone"),
        ("none", "a"),
    ]);
    let auth = credentials
        .prop_map(|(scheme, credential)| Ask::Auth { scheme: scheme.to_owned(), credential: credential.to_owned() });
    let codes = select(vec![10, 23, 99, 108, -1, 1, 2, 3, 4, 5, 8, 14, 18, 22, 101, 103, 106, 200]);
    let bodies = select(vec![vec![], vec![0, 0, 0, 9, b'/'], vec![0xff; 4], vec![0; 12]]);
    let garbled = (codes, bodies).prop_map(|(code, body)| Ask::Garbled { code, body });
    prop_oneof![
        6 => auth,
        1 => option::of(Just("server.9=127.0.0.1:1:2:participant;3".to_owned()))
            .prop_map(|joining| Ask::Reconfig { joining }),
        2 => Just(Ask::CloseSession),
        2 => garbled,
    ]
}

fn ask() -> impl Strategy<Value = Ask> {
    Union::new_weighted(vec![(20, write().boxed()), (12, read().boxed()), (6, watch().boxed()), (2, rest().boxed())])
}
