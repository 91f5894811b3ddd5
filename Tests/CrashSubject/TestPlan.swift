import RunEngine

/// The steps: two sides that go on at the same time, each with a thing of its own that is made,
/// marked, checked and removed; an approval before anything is made; faults on both sides, which
/// the world plays; and a step that hangs until somebody has it left out.
struct TestPlan {
  let world: World

  func nodes() -> [StepNode] {
    var nodes = [
      StepNode(
        "approval", Approval(), component: nil, dependsOn: [],
        policy: StepPolicy(timeout: .seconds(60), waitsForPerson: true)),
      StepNode("hang", Hang(), component: nil, dependsOn: ["right.make"], policy: policy),
      StepNode(
        "compare", Compare(steps: ["left.check", "right.check"]), component: nil,
        dependsOn: ["left.check", "right.check", "hang"], policy: policy),
    ]
    for side in ["left", "right"] { nodes += self.nodes(of: side) }
    return nodes
  }

  private var policy: StepPolicy { StepPolicy(timeout: .seconds(60), attempts: 8) }

  private func nodes(of side: String) -> [StepNode] {
    let id = { (step: String) in "\(side).\(step)" }
    let copy = Make(world: world, name: "\(side)-copy")
    let extra = Make(world: world, name: "\(side)-extra")
    let place = { (step: String, needs: [String], node: (String, [String]) -> StepNode) in
      node(id(step), needs.map { $0 == "approval" ? $0 : id($0) })
    }
    let make = { (step: Make) in
      { StepNode($0, step, component: side, dependsOn: $1, policy: policy) }
    }
    let mark = { (step: Mark) in
      { StepNode($0, step, component: side, dependsOn: $1, policy: policy) }
    }
    let nodes = [
      StepNode(
        id("read"), Read(world: world, name: side), component: side, dependsOn: [], policy: policy),
      place("make", ["read", "approval"], make(copy)),
      place("mark", ["make"], mark(Mark(world: world, step: id("make"), mark: "first"))),
      place("extra", ["mark"], make(extra)),
      place("again", ["mark"], mark(Mark(world: world, step: id("make"), mark: "second"))),
      place(
        "needless", ["make"],
        mark(Mark(world: world, step: id("make"), mark: "none", isNeedless: true))),
      StepNode(
        id("check"), Check(world: world, read: id("read"), made: id("make")), component: side,
        dependsOn: [id("extra"), id("again"), id("needless")], policy: policy),
    ]
    let users = nodes.map(\.id) + ["compare"]
    return nodes + [
      removal(of: extra, madeBy: id("extra"), as: id("cleanup-extra"), side, after: users),
      removal(of: copy, madeBy: id("make"), as: id("cleanup"), side, after: users),
    ]
  }

  private func removal(
    of step: Make, madeBy origin: String, as id: String, _ side: String, after users: [String]
  ) -> StepNode {
    StepNode(
      removing: step, madeBy: origin, as: id, component: side, dependsOn: users, policy: policy)
  }
}
