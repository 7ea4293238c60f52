//! `interregnum list`: what there is to run.

use serde_json::json;

use crate::arguments::List;
use crate::{Exit, Failure};

/// Shows all scenarios.
pub fn list(arguments: &List) -> Result<Exit, Failure> {
    for scenario in sims::CATALOGUE.0 {
        let parameters = scenario.parameters();
        if arguments.json {
            let parameters: serde_json::Map<_, _> = parameters
                .iter()
                .map(|(key, parameter)| {
                    let value = json!({"about": parameter.about, "default": parameter.value.to_string()});
                    (key.to_owned(), value)
                })
                .collect();
            let planted = scenario.planted().map(|planted| planted.id);
            println!(
                "{}",
                json!({
                    "scenario": scenario.name(), "about": scenario.about(), "planted": planted, "parameters": parameters,
                })
            );
        } else {
            println!("{:<16} {}", scenario.name(), scenario.about());
            let parameters: Vec<String> =
                parameters.iter().map(|(key, parameter)| format!("{key}={}", parameter.value)).collect();
            println!("{:<16} {}\n", "", parameters.join(" "));
        }
    }
    Ok(Exit::Held)
}
