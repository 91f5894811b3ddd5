import Glibc

/// The processors of this machine.
public enum Processors {
  /// How many are online; at least one.
  public static var count: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
}
