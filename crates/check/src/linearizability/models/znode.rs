//! A znode of ZooKeeper: data with a version, and the session that it ends with if it is ephemeral.

use serde_json::Value;

use super::part;
use crate::linearizability::{Model, Vocabulary};

/// A znode for each key, which is its path; none exists at first.
///
/// | call | `value` when invoked | `value` when answered |
/// |---|---|---|
/// | `create` | the data | anything |
/// | `delete` | `{"version": n}`, or nothing | anything |
/// | `set` | `{"data": …, "version": n}`, the version may be left out | `{"version": n}`, the new one, or nothing |
/// | `get` | | `{"data": …, "version": n}` |
/// | `exists` | | `{"version": n}`, or null if it does not |
/// | `create_ephemeral` | `{"data": …, "owner": session}` | anything |
/// | `expire` | `{"owner": session}` | anything |
///
/// An ephemeral znode belongs to the session that created it. `expire` is what the end of the session does to it: it goes,
/// if it is there and belongs to this session.
///
/// Version -1 means any. Each may be answered by `{"error": "NoNode"}`, `"NodeExists"` or `"BadVersion"` too: then it is
/// known what happened. A version begins with 0, a set adds one and passes over -1 (ZOOKEEPER-4743), and a znode that is
/// created again begins anew. The error that is found first is the one that ZooKeeper tells: that the znode is missing
/// (`PrepRequestProcessor.pRequest2Txn`).
///
/// Each znode is an object by itself: parents and children, sequence numbers and `multi` are not modelled.
#[derive(Clone, Copy, Debug, Default)]
pub struct Znode;

/// A call on a [`Znode`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ZnodeInput {
    path: String,
    call: Call,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Call {
    /// Of this data, and for this session.
    Create(Value, Option<i64>),
    /// The end of this session.
    Expire(i64),
    Delete(Option<i32>),
    Set(Value, Option<i32>),
    Get,
    Exists,
}

/// What is told of a [`Znode`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ZnodeOutput {
    /// It is done.
    Done,
    /// It has this version, after the call.
    Version(i32),
    /// It has this data, and this version.
    Holds(Value, i32),
    /// It is not there.
    NoNode,
    /// It is there already.
    NodeExists,
    /// It has another version.
    BadVersion,
}

/// What a znode holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Content {
    data: Value,
    version: i32,
    owner: Option<i64>,
}

fn next(version: i32) -> i32 {
    match version.wrapping_add(1) {
        -1 => 0,
        next => next,
    }
}

/// What the znode does: the state after it, and all that may be told of it.
fn act(state: Option<&Content>, call: &Call) -> (Option<Content>, Vec<ZnodeOutput>) {
    use ZnodeOutput::{BadVersion, Done, Holds, NoNode, NodeExists, Version};
    match (call, state) {
        (Call::Create(data, owner), None) => {
            (Some(Content { data: data.clone(), version: 0, owner: *owner }), vec![Done])
        }
        (Call::Create(..), Some(content)) => (Some(content.clone()), vec![NodeExists]),
        (Call::Expire(session), state) => {
            (state.filter(|content| content.owner != Some(*session)).cloned(), vec![Done])
        }
        (_, None) => (None, vec![NoNode]),
        (Call::Delete(Some(expected)) | Call::Set(_, Some(expected)), Some(content))
            if *expected != content.version =>
        {
            (Some(content.clone()), vec![BadVersion])
        }
        (Call::Delete(_), Some(_)) => (None, vec![Done]),
        (Call::Set(data, _), Some(content)) => {
            let version = next(content.version);
            (Some(Content { data: data.clone(), version, owner: content.owner }), vec![Done, Version(version)])
        }
        (Call::Get, Some(content)) => (Some(content.clone()), vec![Holds(content.data.clone(), content.version)]),
        (Call::Exists, Some(content)) => (Some(content.clone()), vec![Version(content.version)]),
    }
}

impl Model for Znode {
    type Input = ZnodeInput;
    type Output = ZnodeOutput;
    type State = Option<Content>;

    fn initial(&self) -> Option<Content> {
        None
    }

    fn step(&self, state: &Self::State, input: &ZnodeInput, answer: Option<&ZnodeOutput>) -> Option<Self::State> {
        let (next, answers) = act(state.as_ref(), &input.call);
        answer.is_none_or(|answer| answers.contains(answer)).then_some(next)
    }

    fn partition(&self, input: &ZnodeInput) -> String {
        input.path.clone()
    }

    fn observes(&self, input: &ZnodeInput, answer: Option<&ZnodeOutput>) -> bool {
        use ZnodeOutput::{BadVersion, NoNode, NodeExists};
        matches!(input.call, Call::Get | Call::Exists) || matches!(answer, Some(NoNode | NodeExists | BadVersion))
    }

    fn overwrites(&self, input: &ZnodeInput, answer: Option<&ZnodeOutput>) -> bool {
        // One that was answered found a znode.
        input.call == Call::Delete(None) && answer.is_none()
    }

    fn describe(&self, input: &ZnodeInput) -> String {
        match &input.call {
            Call::Create(data, None) => format!("create {data}"),
            Call::Create(data, Some(session)) => format!("create {data} for session {session:#x}"),
            Call::Expire(session) => format!("session {session:#x} ends"),
            Call::Delete(None) => "delete".to_owned(),
            Call::Delete(Some(version)) => format!("delete version {version}"),
            Call::Set(data, None) => format!("set {data}"),
            Call::Set(data, Some(version)) => format!("set {data} over version {version}"),
            Call::Get => "get".to_owned(),
            Call::Exists => "exists".to_owned(),
        }
    }

    fn describe_answer(&self, _input: &ZnodeInput, answer: &ZnodeOutput) -> String {
        match answer {
            ZnodeOutput::Done => "done".to_owned(),
            ZnodeOutput::Version(version) => format!("version {version}"),
            ZnodeOutput::Holds(data, version) => format!("{data} version {version}"),
            ZnodeOutput::NoNode => "NoNode".to_owned(),
            ZnodeOutput::NodeExists => "NodeExists".to_owned(),
            ZnodeOutput::BadVersion => "BadVersion".to_owned(),
        }
    }

    fn describe_state(&self, state: &Self::State) -> String {
        match state {
            None => "no znode".to_owned(),
            Some(Content { data, version, owner: None }) => format!("{data} version {version}"),
            Some(Content { data, version, owner: Some(session) }) => {
                format!("{data} version {version} of session {session:#x}")
            }
        }
    }
}

/// The session in an argument.
fn owner(value: &Value) -> Result<i64, String> {
    let owner = value.get("owner").ok_or_else(|| format!("`value` is {value}: `owner` is missing"))?;
    owner.as_i64().ok_or_else(|| format!("`owner` is {owner}: the number of a session is needed"))
}

/// The version in an argument or an answer.
fn version(value: &Value) -> Result<Option<i32>, String> {
    match value.get("version") {
        None | Some(Value::Null) => Ok(None),
        Some(version) => {
            let small = version.as_i64().and_then(|version| i32::try_from(version).ok());
            small.map(Some).ok_or_else(|| format!("`version` is {version}: a number of 32 bits is needed"))
        }
    }
}

impl Vocabulary for Znode {
    const NAME: &'static str = "znode";
    const OPERATIONS: &'static [&'static str] =
        &["create", "delete", "set", "get", "exists", "create_ephemeral", "expire"];

    fn input(&self, operation: &str, key: &Value, value: &Value) -> Result<ZnodeInput, String> {
        let condition = || Ok::<_, String>(version(value)?.filter(|version| *version != -1));
        let call = match operation {
            "create" => Call::Create(value.clone(), None),
            "create_ephemeral" => {
                let data = value.get("data").ok_or_else(|| format!("`value` is {value}: `data` is missing"))?;
                Call::Create(data.clone(), Some(owner(value)?))
            }
            "expire" => Call::Expire(owner(value)?),
            "delete" => Call::Delete(condition()?),
            "set" => {
                let data = value.get("data").ok_or_else(|| format!("`value` is {value}: `data` is missing"))?;
                Call::Set(data.clone(), condition()?)
            }
            "get" => Call::Get,
            "exists" => Call::Exists,
            other => unreachable!("`{other}` is none of the operations"),
        };
        Ok(ZnodeInput { path: part(key), call })
    }

    fn output(&self, input: &ZnodeInput, value: &Value) -> Result<ZnodeOutput, String> {
        if let Some(error) = value.get("error").filter(|error| !error.is_null()) {
            return match error.as_str() {
                Some("NoNode") => Ok(ZnodeOutput::NoNode),
                Some("NodeExists") => Ok(ZnodeOutput::NodeExists),
                Some("BadVersion") => Ok(ZnodeOutput::BadVersion),
                _ => Err(format!("`error` is {error}: NoNode, NodeExists or BadVersion is needed")),
            };
        }
        let missing = |what| format!("the answer is {value}: `{what}` is missing");
        match &input.call {
            Call::Create(..) | Call::Delete(_) | Call::Expire(_) => Ok(ZnodeOutput::Done),
            Call::Set(..) => Ok(version(value)?.map_or(ZnodeOutput::Done, ZnodeOutput::Version)),
            Call::Get => {
                let data = value.get("data").ok_or_else(|| missing("data"))?;
                let version = version(value)?.ok_or_else(|| missing("version"))?;
                Ok(ZnodeOutput::Holds(data.clone(), version))
            }
            Call::Exists if value.is_null() => Ok(ZnodeOutput::NoNode),
            Call::Exists => Ok(ZnodeOutput::Version(version(value)?.ok_or_else(|| missing("version"))?)),
        }
    }
}
