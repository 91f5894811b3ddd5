import Glibc

/// The processors that this program may run on.
public enum Processors {
  /// How many there are; at least one.
  public static var count: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
}
