using Lofizone.Boot;

namespace Lofizone.Config;

/// <summary>
/// The registry of the zone's own properties, in the order of printing. A new property is one entry here, and its effect.
/// </summary>
public static class GlobalProperties
{
    /// <summary>Smallest number of processes and threads, enough for an init with few services.</summary>
    public const long MinProcesses = 32;

    /// <summary>Largest number of processes and threads: PID_MAX_LIMIT of linux/threads.h.</summary>
    public const long MaxProcesses = 4 << 20;

    /// <summary>Largest number of objects of one kind in an IPC namespace: IPCMNI of linux/ipc.h.</summary>
    public const long MaxIpcIds = 32768;

    /// <summary>Largest number of shares ; the kernel has no larger weight (cpu.weight, Documentation/admin-guide/cgroup-v2.rst).</summary>
    public const long MaxCpuShares = 1000;

    /// <summary>Longest time for a shutdown, in seconds.</summary>
    public const long MaxShutdownSeconds = 480;

    private const string DefaultBrand = "native";

    public static GlobalProperty ZoneNameProperty { get; } = new(
        "zonename",
        new ValueKind("<zone>", ZoneName.Problem, "web"),
        "the zone's name; another name renames the zone by the commit, with its directory on the share",
        c => c.Name,
        (c, _) => c)
    {
        IsIdentity = true,
        Change = ChangeTime.AtOnce,
    };

    public static GlobalProperty ZonePath { get; } = new(
        "zonepath",
        new ValueKind("<path>", v => PropertyChecks.ZonePath(WithName(WithoutEnd(v), "z")), "/zones/web") { Normalize = WithoutEnd },
        $"directory where the zone's file system is mounted; {PropertyChecks.ZoneNameToken} in it stands for the zone's name; required",
        c => c.ZonePath,
        (c, v) => c with { ZonePath = WithName(v, c.Name) })
    {
        Required = true,
        Change = ChangeTime.NextInstall,
        Differs = "the mount point of the zone's image, and the default is /zones/%{zonename}",
    };

    public static GlobalProperty Brand { get; } = new(
        "brand",
        new ValueKind("<brand>", v => PropertyChecks.Brand(v, known: null), "native"),
        "how the zone's root is filled and booted; native unless set",
        c => c.Brand,
        (c, v) => c with { Brand = v })
    {
        Clear = c => c with { Brand = DefaultBrand },
        CheckHere = (_, v, brands) => PropertyChecks.Brand(v, brands),
        Change = ChangeTime.NextInstall,
        Differs = "the brands are Linux's: native",
    };

    public static GlobalProperty Autoboot { get; } = new(
        "autoboot",
        ValueKind.Boolean,
        "boot the zone when the host boots; false unless set",
        c => c.Autoboot ? "true" : "false",
        (c, v) => c with { Autoboot = v == "true" })
    {
        Clear = c => c with { Autoboot = false },
        Change = ChangeTime.AtOnce,
    };

    /// <summary>The values of boot-priority, the first of them first.</summary>
    public static IReadOnlyList<string> BootPriorities { get; } = ["high", "default", "low"];

    public static GlobalProperty BootPriority { get; } = GlobalProperty.Of(
        "boot-priority",
        ValueKind.OneOf(BootPriorities),
        "the zone's place among the zones that the host boots at its start; default unless set",
        "default") with
    {
        Change = ChangeTime.AtOnce,
        Origin = PropertyOrigin.Solaris,
    };

    public static GlobalProperty BootDependency { get; } = GlobalProperty.Of(
        "boot-dependency",
        ValueKind.ListOf("<zone>[,<zone>...]", DependencyFault, "db", "db,ldap"),
        "zones that run before the host boots this zone at its start, and that the host halts after this zone") with
    {
        Change = ChangeTime.AtOnce,
        Origin = PropertyOrigin.Solaris,
        Differs = "a list of zones in place of service names",
    };

    /// <summary>The value of autoshutdown for a halt without the zone's own shutdown.</summary>
    public const string AutoshutdownHalt = "halt";

    public static GlobalProperty Autoshutdown { get; } = GlobalProperty.Of(
        "autoshutdown",
        ValueKind.OneOf("shutdown", AutoshutdownHalt),
        "how the host takes the zone down at its stop: by the zone's own shutdown, or by the end of its processes; shutdown unless set",
        "shutdown") with
    {
        Change = ChangeTime.AtOnce,
        Origin = PropertyOrigin.Solaris,
        Differs = "without suspend",
    };

    public static GlobalProperty ShutdownTimeout { get; } = GlobalProperty.Of(
        "shutdown-timeout",
        ValueKind.Count(1, MaxShutdownSeconds),
        "seconds that the zone has to shut down before it is killed; 60 unless set") with
    {
        Change = ChangeTime.AtOnce,
        Origin = PropertyOrigin.Lofizone,
    };

    public static GlobalProperty Locked { get; } = GlobalProperty.Of(
        "locked", ValueKind.Boolean, "protect the zone from uninstall and delete", "false") with
    {
        Change = ChangeTime.AtOnce,
        Origin = PropertyOrigin.Lofizone,
    };

    public static GlobalProperty BootArgs { get; } = GlobalProperty.Of(
        "bootargs",
        new ValueKind("<arguments>", BootArgumentsFault, "-s", "-m milestone=multi-user", "-i /bin/init")
        {
            Normalize = v => BootArguments.Parse(v).ToString(),
        },
        "arguments of every boot that names none: -s, -i PATH, -m milestone=NAME, -w") with
    {
        Differs = "-s, -i, -m milestone=NAME and -w; a zone's init decides on its messages",
    };

    public static GlobalProperty HostId { get; } = GlobalProperty.Of(
        "hostid",
        new ValueKind("<8 hexadecimal digits>", HostIdFault, "80f0c086")
        {
            Normalize = v => v.ToLowerInvariant().PadLeft(HostIdDigits, '0'),
        },
        "what hostid(1) says in the zone; the zone's own /etc/hostid unless set");

    public static GlobalProperty FileMacProfile { get; } = GlobalProperty.Of(
        "file-mac-profile",
        ValueKind.OneOf("none", "strict", "fixed-configuration", "flexible-configuration"),
        "what the zone may not write: strict everything, fixed-configuration all but /var, flexible-configuration all but /etc, /root "
        + "and /var",
        "none") with
    {
        Origin = PropertyOrigin.Solaris,
        Differs = "the lists of Linux's directories; /tmp is in memory; the zone stays as it was booted",
    };

    public static GlobalProperty CpuShares { get; } = GlobalProperty.Of(
        "cpu-shares",
        ValueKind.Count(1, MaxCpuShares),
        "the zone's part of the CPUs when zones compete, in proportion to the other zones' shares; 1 unless set") with
    {
        Change = ChangeTime.Live,
        Differs = "at most 1000",
    };

    public static GlobalProperty MaxLwps { get; } = GlobalProperty.Of(
        "max-lwps",
        ValueKind.Count(MinProcesses, MaxProcesses),
        "most threads in the zone, those of all its processes together; the host's default unless set") with
    {
        Change = ChangeTime.Live,
    };

    public static GlobalProperty MaxProcessesProperty { get; } = GlobalProperty.Of(
        "max-processes",
        ValueKind.Count(MinProcesses, MaxProcesses),
        "most processes in the zone; Linux counts their threads, too; the host's default unless set") with
    {
        Change = ChangeTime.Live,
        Differs = "the kernel counts threads",
    };

    public static GlobalProperty MaxMsgIds { get; } = GlobalProperty.Of(
        "max-msg-ids", ValueKind.Count(1, MaxIpcIds), "most System V message queues") with
    {
        Change = ChangeTime.Live,
        Differs = "root in the zone can raise it on newer kernels; capped-memory bounds what the objects take",
    };

    public static GlobalProperty MaxSemIds { get; } = GlobalProperty.Of(
        "max-sem-ids", ValueKind.Count(1, MaxIpcIds), "most sets of System V semaphores") with
    {
        Change = ChangeTime.Live,
        Differs = "as max-msg-ids",
    };

    public static GlobalProperty MaxShmIds { get; } = GlobalProperty.Of(
        "max-shm-ids", ValueKind.Count(1, MaxIpcIds), "most segments of System V shared memory") with
    {
        Change = ChangeTime.Live,
        Differs = "as max-msg-ids",
    };

    public static GlobalProperty MaxShmMemory { get; } = GlobalProperty.Of(
        "max-shm-memory", ValueKind.Size(4096, ResourceTypes.MaxMemoryBytes), "most System V shared memory") with
    {
        Change = ChangeTime.Live,
        Differs = "as max-msg-ids",
    };

    public static GlobalProperty Pool { get; } = GlobalProperty.Of(
        "pool",
        new ValueKind("<pool>", PropertyChecks.AttrName, "batch"),
        "name of the CPUs that the zone runs on, in /etc/lofizone/pools of its host",
        "pool_default") with
    {
        Change = ChangeTime.Live,
        Differs = "a name in /etc/lofizone/pools; the zone shares the pool's CPUs",
    };

    private const int HostIdDigits = 8;

    /// <summary>All properties, in the order of printing.</summary>
    public static IReadOnlyList<GlobalProperty> All { get; } =
    [
        ZoneNameProperty, ZonePath, Brand, Autoboot, BootPriority, BootDependency, Autoshutdown, ShutdownTimeout, Locked, BootArgs, HostId,
        FileMacProfile, Pool, CpuShares, MaxLwps, MaxProcessesProperty, MaxMsgIds, MaxSemIds, MaxShmIds, MaxShmMemory,
    ];

    /// <summary>The properties of other systems that have no effect here, or one value alone.</summary>
    public static IReadOnlyList<GlobalProperty> Refused => RefusedProperties.Global;

    /// <summary>The property of that name, also one that is always refused; null when there is none.</summary>
    public static GlobalProperty? Known(string name) => All.Concat(Refused).FirstOrDefault(p => p.Name == name);

    /// <exception cref="LofizoneException">There is no such property, or the property belongs to a resource.</exception>
    public static GlobalProperty Find(string name) => Known(name) ?? throw Unknown(name);

    private static LofizoneException Unknown(string name)
    {
        if (ResourceTypes.All.FirstOrDefault(t => t.Properties.Any(p => p.Name == name)) is { } type)
            return new LofizoneException(
                $"{name}: a property of the resource {type.Name}, not of the zone",
                $"begin with 'add {type.Name}' or 'select {type.Name}'");
        return new LofizoneException($"{SafeText.Text(name)}: no such property", "'help properties' lists the properties");
    }

    private static string? BootArgumentsFault(string text)
    {
        try
        {
            return BootArguments.Parse(text) == BootArguments.None ? "it holds no argument" : null;
        }
        catch (LofizoneException error)
        {
            return error.Message;
        }
    }

    private static string? HostIdFault(string text) =>
        text.Length is > 0 and <= HostIdDigits && text.All(char.IsAsciiHexDigit) && text.Trim('0').Length > 0
        && !text.Equals("ffffffff", StringComparison.OrdinalIgnoreCase)
            ? null
            : $"'{SafeText.Text(text)}' is no host ID: write 1 to {HostIdDigits} hexadecimal digits, not 0 and not ffffffff";

    private static string WithName(string path, string zone) =>
        path.Replace(PropertyChecks.ZoneNameToken, zone, StringComparison.Ordinal);

    private static string? DependencyFault(string name) =>
        ZoneName.Problem(name) is { } problem ? $"'{SafeText.Text(name)}' is no zone's name: {problem}" : null;

    // Shells complete a directory's name with a slash, which is removed.
    private static string WithoutEnd(string path) => path.TrimEnd('/') is { Length: > 0 } trimmed ? trimmed : path;
}
