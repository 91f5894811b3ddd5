import RecoveryPlan

/// Takes a plan and all that it includes for one list of components.
enum PlanComposition {
  /// A component under its full name, and the plan whose regions and tags it has.
  typealias Member = (component: Component, plan: RecoveryPlan)

  static func components(of plan: RecoveryPlan) -> [Member] {
    components(of: plan, prefix: "", after: [])
  }

  /// - Parameter needed: the full names that everything of this plan waits for.
  private static func components(
    of plan: RecoveryPlan, prefix: String, after needed: [String]
  ) -> [Member] {
    // Names first: a plan may wait for one that stands below it.
    let names = { (name: String) -> [String] in
      guard let included = plan.includes.first(where: { $0.name == name }) else {
        return [prefix + name]
      }
      return components(of: included.plan, prefix: "\(prefix)\(name)/", after: [])
        .map(\.component.name)
    }
    let own = plan.components.map { component -> Member in
      let renamed = component.renamed(
        prefix + component.name, dependsOn: component.dependsOn.flatMap(names) + needed)
      return (renamed, plan)
    }
    return plan.includes.reduce(into: own) { all, included in
      all += components(
        of: included.plan, prefix: "\(prefix)\(included.name)/",
        after: included.dependsOn.flatMap(names) + needed)
    }
  }
}
