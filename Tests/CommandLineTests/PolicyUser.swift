import Foundation
import Testing

/// The policy that the tool prints for a plan, and users of the lab that have just a policy.
struct PrintedPolicy {
  let document: [String: Any]

  var statements: [[String: Any]] { document["Statement"] as? [[String: Any]] ?? [] }

  var actions: [String] {
    Set(statements.flatMap { $0["Action"] as? [String] ?? [] }).sorted()
  }

  func without(_ action: String) -> PrintedPolicy {
    var document = document
    document["Statement"] = statements.compactMap { statement -> [String: Any]? in
      var statement = statement
      let left = (statement["Action"] as? [String] ?? []).filter { $0 != action }
      statement["Action"] = left
      return left.isEmpty ? nil : statement
    }
    return PrintedPolicy(document: document)
  }
}

extension Tool {
  func policy(_ plan: String, mode: String = "drill") throws -> PrintedPolicy {
    let printed = try run("permissions", "--plan", plan, "--mode", mode)
    #expect(printed.status == 0, "\(printed.errors)")
    let document = try JSONSerialization.jsonObject(with: Data(printed.output.utf8))
    return PrintedPolicy(document: try #require(document as? [String: Any]))
  }

  /// The credentials of a new user of the lab with just this policy, and the user's name.
  func user(_ policy: PrintedPolicy) throws -> (variables: [String: String], name: String) {
    let file = folder.appending(path: "\(UUID().uuidString).json")
    try JSONSerialization.data(withJSONObject: policy.document).write(to: file)
    let answer = try JSONDecoder().decode(
      [String: String].self, from: Data(try lab("user", file.path).utf8))
    return (
      [
        "AWS_ACCESS_KEY_ID": try #require(answer["key"]),
        "AWS_SECRET_ACCESS_KEY": try #require(answer["secret"]),
      ], try #require(answer["name"])
    )
  }

  /// The credentials of a user who may do exactly what the plan needs.
  func credentials(for plan: String, mode: String = "drill") throws -> [String: String] {
    try user(try policy(plan, mode: mode)).variables
  }
}
