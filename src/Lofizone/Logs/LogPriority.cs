namespace Lofizone.Logs;

/// <summary>How much a line matters: syslog(3)'s numbers.</summary>
public enum LogPriority
{
    Error = 3,
    Warning = 4,
    Information = 6,
}
