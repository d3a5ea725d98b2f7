namespace Lofizone.Logs;

/// <summary>Importance of a line, with the numbers of syslog(3).</summary>
public enum LogPriority
{
    Error = 3,
    Warning = 4,
    Information = 6,
}
