public import Platform
public import RecoveryPlan

/// Which parts of a plan cannot be brought back to a moment that somebody asks for.
public enum MomentRefusal {
  /// Why the plan cannot be carried out for a moment; nil when it can. A promotion and a failover bring
  /// the data as it is now, so that the moment would be ignored.
  public static func problem(of plan: RecoveryPlan) -> Problem? {
    let reasons = PlanComposition.components(of: plan).compactMap { member -> String? in
      guard let spec = member.component.spec as? RDSComponent else { return nil }
      switch spec.recoverFrom {
      case .replica: return "\(member.component.name) is a replica that is promoted"
      case .failover: return "the standby of \(member.component.name) takes over"
      default: return nil
      }
    }
    guard !reasons.isEmpty else { return nil }
    return Problem(
      "the plan cannot bring everything back to a moment", on: plan.name,
      because: "\(reasons.joined(separator: ", ")), with the data as it is then",
      fix: "Leave out --point-in-time, or use a plan with 'recoverFrom: pointInTime' or a snapshot."
    )
  }
}
