//! Real objects, used by one caller at a time, and histories of processes that use them at a time.
//!
//! They share no code with the models.

use serde_json::{Value, json};

use crate::linearizability::{History, Line, ModelName, Stage};

/// Random numbers that are a function of the seed (SplitMix64).
pub(super) struct Dice(pub(super) u64);

impl Dice {
    /// A number below `end`.
    pub(super) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % end as u64) as usize
    }

    fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }
}

/// One value, which may be missing, with the number of times that it was changed.
#[derive(Clone, Debug, Default)]
struct Object {
    value: Value,
    version: i32,
    owner: Value,
}

impl Object {
    fn call(&mut self, model: ModelName, operation: &str, argument: &Value) -> Value {
        if model == ModelName::Znode {
            return self.call_znode(operation, argument);
        }
        match operation {
            "read" | "get" => return self.value.clone(),
            "next" => {
                self.version += 1;
                return self.version.into();
            }
            "write" | "put" => self.value = argument.clone(),
            "append" => {
                self.value = format!("{}{}", self.value.as_str().unwrap_or(""), argument.as_str().unwrap()).into();
            }
            "delete" => return (!std::mem::take(&mut self.value).is_null()).into(),
            "cas" => {
                let is_set = self.value == argument[0];
                if is_set {
                    self.value = argument[1].clone();
                }
                return is_set.into();
            }
            other => panic!("{other}"),
        }
        Value::Null
    }

    fn call_znode(&mut self, operation: &str, argument: &Value) -> Value {
        let exists = !self.value.is_null();
        if operation.starts_with("create") {
            if exists {
                return json!({"error": "NodeExists"});
            }
            *self = match operation {
                "create" => Object { value: argument.clone(), ..Object::default() },
                _ => Object { value: argument["data"].clone(), version: 0, owner: argument["owner"].clone() },
            };
            return Value::Null;
        }
        if operation == "expire" {
            if self.owner == argument["owner"] {
                *self = Object::default();
            }
            return Value::Null;
        }
        if !exists {
            return json!({"error": "NoNode"});
        }
        let expected = argument["version"].as_i64().unwrap_or(-1);
        if expected != -1 && expected != i64::from(self.version) {
            return json!({"error": "BadVersion"});
        }
        match operation {
            "delete" => self.value = Value::Null,
            "set" => {
                (self.value, self.version) = (argument["data"].clone(), self.version + 1);
                return json!({"version": self.version});
            }
            "get" => return json!({"data": self.value, "version": self.version}),
            "exists" => return json!({"version": self.version}),
            other => panic!("{other}"),
        }
        Value::Null
    }
}

/// What a history is to be like.
#[derive(Clone, Copy, Debug)]
pub(super) struct Recipe {
    pub(super) model: ModelName,
    pub(super) operations: usize,
    pub(super) processes: usize,
    pub(super) keys: usize,
    /// The values are below this.
    pub(super) values: usize,
    /// In percent, how many calls end in doubt.
    pub(super) doubt: usize,
}

enum Process {
    Idle,
    Invoked { call: usize },
    Answered { answer: Value },
}

struct Pending {
    key: usize,
    operation: &'static str,
    argument: Value,
}

impl Recipe {
    fn call(&self, dice: &mut Dice, version: i32) -> (&'static str, Value) {
        let value = json!(dice.below(self.values));
        let condition = if dice.percent(50) { version + dice.below(2) as i32 } else { -1 };
        let operations: &[&'static str] = match self.model {
            ModelName::Register => &["read", "write"],
            ModelName::Cas => &["read", "write", "cas", "cas"],
            ModelName::KeyValue => &["get", "get", "put", "append", "append", "delete"],
            ModelName::Znode => {
                &["create", "create_ephemeral", "expire", "delete", "set", "set", "get", "get", "exists"]
            }
            ModelName::Sequence => &["next"],
        };
        let operation = operations[dice.below(operations.len())];
        let argument = match (self.model, operation) {
            (_, "read" | "get" | "exists" | "next") | (ModelName::KeyValue, "delete") => Value::Null,
            (_, "cas") => json!([dice.below(self.values), value]),
            (ModelName::KeyValue, _) => json!(format!("{value};")),
            (_, "set") => json!({"data": value, "version": condition}),
            (_, "create_ephemeral") => json!({"data": value, "owner": dice.below(2)}),
            (_, "expire") => json!({"owner": dice.below(2)}),
            (_, "delete") => json!({"version": condition}),
            _ => value,
        };
        (operation, argument)
    }

    /// A history of a real object: it holds.
    pub(super) fn history(&self, seed: u64) -> Vec<Line> {
        let dice = &mut Dice(seed);
        let mut objects = vec![Object::default(); self.keys];
        let mut processes: Vec<Process> = (0..self.processes).map(|_| Process::Idle).collect();
        let mut pending: Vec<Pending> = Vec::new();
        // Calls in doubt that may still take effect.
        let mut late: Vec<usize> = Vec::new();
        let mut lines = Vec::new();
        while pending.len() < self.operations || processes.iter().any(|process| !matches!(process, Process::Idle)) {
            if !late.is_empty() && dice.percent(5) {
                let Pending { key, operation, argument } = &pending[late.swap_remove(dice.below(late.len()))];
                objects[*key].call(self.model, operation, argument);
            }
            let name = dice.below(self.processes);
            let mut tell = |stage, operation: Option<&str>, key: Option<usize>, value| {
                let key = key.map_or(Value::Null, |key| json!(format!("k{key}")));
                let time = Some(history::Time::from_nanos(lines.len() as u64 * 1_000));
                lines.push(Line {
                    process: json!(name),
                    stage,
                    operation: operation.map(str::to_owned),
                    key,
                    value,
                    time,
                });
            };
            processes[name] = match std::mem::replace(&mut processes[name], Process::Idle) {
                Process::Idle if pending.len() == self.operations => Process::Idle,
                Process::Idle => {
                    let key = dice.below(self.keys);
                    let (operation, argument) = self.call(dice, objects[key].version);
                    tell(Stage::Invoke, Some(operation), Some(key), argument.clone());
                    pending.push(Pending { key, operation, argument });
                    Process::Invoked { call: pending.len() - 1 }
                }
                Process::Invoked { call } if dice.percent(self.doubt) => {
                    tell(Stage::Info, None, None, Value::Null);
                    late.push(call);
                    Process::Idle
                }
                Process::Invoked { call } => {
                    let Pending { key, operation, argument } = &pending[call];
                    Process::Answered { answer: objects[*key].call(self.model, operation, argument) }
                }
                Process::Answered { .. } if dice.percent(self.doubt) => {
                    tell(Stage::Info, None, None, Value::Null);
                    Process::Idle
                }
                Process::Answered { answer } => {
                    tell(Stage::Ok, None, None, answer);
                    Process::Idle
                }
            };
        }
        lines
    }

    /// The lines on which something is answered that was looked up, with what was asked for.
    pub(super) fn looks(lines: &[Line]) -> Vec<usize> {
        let mut asked: Vec<(&Value, &str)> = Vec::new();
        let mut looks = Vec::new();
        for (index, line) in lines.iter().enumerate() {
            match (&line.operation, line.stage) {
                (Some(operation), Stage::Invoke) => {
                    asked.retain(|(process, _)| **process != line.process);
                    asked.push((&line.process, operation));
                }
                (_, Stage::Ok) if ["read", "get", "next"].iter().any(|look| asked.contains(&(&line.process, look))) => {
                    looks.push(index);
                }
                _ => {}
            }
        }
        looks
    }
}

/// A history of these lines.
pub(super) fn history(lines: &[Line]) -> History {
    History::new(lines.iter().cloned())
}
