using System.Net;

namespace Lofizone.Logs;

/// <summary>Who caused an event.</summary>
/// <param name="Program">
/// The zone itself, an own process, Pacemaker, a unit of systemd, or else the program that started the command: a shell, sshd, a scheduler.
/// </param>
/// <param name="User">The user that the command ran as; null for own processes.</param>
/// <param name="SudoUser">The user who became that user by sudo(8).</param>
/// <param name="Address">The address from which that user was logged in over ssh.</param>
public sealed record EventActor(string Program, string? User = null, string? SudoUser = null, string? Address = null)
{
    private const int NameLimit = 64;

    private const string Parent = "PPid:";

    private const string ServiceSuffix = ".service", SystemSlice = "/system.slice/";

    /// <summary>Variable that Pacemaker sets for resource agents (OCF 1.1), and those of sudo(8) and ssh(1).</summary>
    private const string Resource = "OCF_RESOURCE_INSTANCE", Sudo = "SUDO_USER", Ssh = "SSH_CONNECTION";

    /// <summary>The zone's own init.</summary>
    public static EventActor Zone { get; } = new("the zone itself");

    /// <summary>The engine or watch of the zone's image.</summary>
    public static EventActor Image { get; } = new("the watch of its image");

    /// <summary>The keeper of the zone's engine.</summary>
    public static EventActor Keeper { get; } = new("the keeper of its engine");

    /// <summary>The cause of this process's work, for commands.</summary>
    public static EventActor OfCommand() => Of(
        Environment.GetEnvironmentVariable, Environment.UserName, Text("/proc/self/cgroup"), Text("/proc/self/status"),
        parent => Text($"/proc/{parent}/comm"));

    /// <param name="variable">The environment.</param>
    /// <param name="user">Name of the process's user.</param>
    /// <param name="cgroups">Text of /proc/self/cgroup (cgroups(7)).</param>
    /// <param name="status">Text of /proc/self/status (proc_pid_status(5)).</param>
    /// <param name="commandOf">Reads the name of a process.</param>
    internal static EventActor Of(
        Func<string, string?> variable, string user, string cgroups, string status, Func<string, string> commandOf)
    {
        string? service = cgroups.Split('\n').Select(l => l.Split(':', 3)[^1])
            .Where(p => p.Contains(SystemSlice, StringComparison.Ordinal) && p.EndsWith(ServiceSuffix, StringComparison.Ordinal))
            .Select(p => p[(p.LastIndexOf('/') + 1)..]).FirstOrDefault();
        string parent = status.Split('\n').FirstOrDefault(l => l.StartsWith(Parent, StringComparison.Ordinal)) ?? Parent;
        string program = Name(variable(Resource)) is { } resource ? $"Pacemaker (resource {resource})"
            : Name(service) is { } unit ? $"systemd ({unit})"
            : Name(commandOf(parent[Parent.Length..].Trim()).Trim()) ?? "an unknown program";
        // The first word is the client's address. It counts only as an address, because a user may set the variable.
        string? address = variable(Ssh)?.Split(' ')[0] is { } first && IPAddress.TryParse(first, out IPAddress? client)
            ? client.ToString()
            : null;
        return new EventActor(program, Name(user), Name(variable(Sudo)), address);
    }

    public override string ToString() =>
        (User is null ? Program : $"{User}{(SudoUser is null || SudoUser == User ? "" : $" for {SudoUser}")} with {Program}")
        + (Address is null ? "" : $" from {Address}");

    private static string? Name(string? text) =>
        string.IsNullOrEmpty(text) ? null : SafeText.Line(text.Length > NameLimit ? text[..NameLimit] : text);

    private static string Text(string path)
    {
        try
        {
            return File.Exists(path) ? File.ReadAllText(path) : "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
