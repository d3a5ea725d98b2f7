using Lofizone.Install.Update;
using Lofizone.Operations;

namespace Lofizone.Zones;

/// <summary>
/// The registry of all operations on a zone. <see cref="Zone"/> runs steps only by one of these, and each is in <see cref="All"/>. Tests
/// take from it the points at which they kill commands.
/// </summary>
/// <param name="name">First word of the operation's fault points.</param>
internal abstract class ZoneOperation(string name)
{
    private static readonly List<ZoneOperation> _all = [];

    public static ZoneOperation<ZoneCreate> Create { get; } = new("create", w => w.Steps(), (h, r) => new(h, r, SilentReporter.Instance));

    public static ZoneOperation<ZoneInstall> Install { get; } = new(
        "install", w => w.Steps(), (h, r) => new(h, r, SilentReporter.Instance));

    public static ZoneOperation<ZoneBoot> Boot { get; } = new("boot", w => w.Steps(), (h, r) => new(h, r));

    /// <summary>Makes a zone ready, without its init.</summary>
    public static ZoneOperation<ZoneBoot> Ready { get; } = new("ready", w => w.PrepareSteps(), (h, r) => new(h, r));

    /// <summary>Boots a zone that is ready.</summary>
    public static ZoneOperation<ZoneBoot> BootReady { get; } = new("boot-ready", w => w.BootReadySteps(), (h, r) => new(h, r));

    public static ZoneOperation<ZoneHalt> Halt { get; } = OfHalt("halt", HaltMode.Shutdown);

    /// <summary>A halt without the zone's shutdown scripts.</summary>
    public static ZoneOperation<ZoneHalt> HaltNow { get; } = OfHalt("halt-now", HaltMode.Now);

    /// <summary>A halt that kills the zone and does not wait for a server.</summary>
    public static ZoneOperation<ZoneHalt> ForcedHalt { get; } = OfHalt("halt-force", HaltMode.Force);

    /// <summary>Takes down the remains of an interrupted boot, halt or attach before a new operation begins.</summary>
    public static ZoneOperation<ZoneHalt> Repair { get; } = OfHalt("repair", HaltMode.Shutdown);

    public static ZoneOperation<ZoneUninstall> Uninstall { get; } = OfUninstall("uninstall");

    /// <summary>Removes the remains of an interrupted create or install before a new one begins.</summary>
    public static ZoneOperation<ZoneUninstall> Undo { get; } = OfUninstall("undo");

    /// <summary>Removes the root of a zone that is deleted.</summary>
    public static ZoneOperation<ZoneUninstall> Delete { get; } = OfUninstall("delete");

    /// <summary>Removes the host's files about a zone.</summary>
    public static ZoneOperation<ZoneForget> Forget { get; } = new("forget", w => w.Steps(), (h, r) => new(h, r.Config.Name));

    public static ZoneOperation<ZoneRename> Rename { get; } = new("rename", w => w.Steps(), (h, r) => new(h, r, "other"));

    /// <summary>Finishes an interrupted rename.</summary>
    public static ZoneOperation<ZoneRename> EndRename { get; } = new("rename-end", w => w.EndSteps(), (h, r) => new(h, r, "other"));

    /// <summary>Undoes an interrupted rename.</summary>
    public static ZoneOperation<ZoneRename> UndoRename { get; } = new("rename-undo", w => w.UndoSteps(), (h, r) => new(h, r, "other"));

    public static ZoneOperation<ZonePathMove> MovePath { get; } = new("move-path", w => w.Steps(), (h, r) => new(h, r, "/other"));

    public static ZoneOperation<ZoneMark> Mark { get; } = new("mark", w => w.Steps(), (h, r) => new(h, r));

    public static ZoneOperation<ZoneDetach> Detach { get; } = new("detach", w => w.Steps(), (h, r) => new(h, r));

    /// <summary>A detach that does not look into the image.</summary>
    public static ZoneOperation<ZoneDetach> ForcedDetach { get; } = new("detach-force", w => w.ForcedSteps(), (h, r) => new(h, r));

    public static ZoneOperation<ZoneAttach> Attach { get; } = new(
        "attach", w => w.Steps(), (h, r) => new(h, r, null, new AttachOptions { Update = UpdateKind.All }, SilentReporter.Instance));

    public static ZoneOperation<ZoneGive> Give { get; } = new(
        "give", w => w.Steps(),
        (h, r) => new(
            h, r, new ZoneRun { Id = 1, Phase = ZoneState.Running, BootedAt = default, Config = r.Config }, SilentReporter.Instance));

    public static ZoneOperation<ZoneTake> Take { get; } = new(
        "take", w => w.Steps(), (h, r) => new(h, r, null, new AttachOptions(), SilentReporter.Instance));

    public static IReadOnlyList<ZoneOperation> All => _all;

    public string Name => name;

    /// <summary>Names of the operation's steps, for a zone with an image and with all options.</summary>
    public abstract IEnumerable<string> StepsOf(ZoneHost host, ZoneRecord record);

    private static ZoneOperation<ZoneHalt> OfHalt(string name, HaltMode mode) =>
        new(name, w => w.Steps(), (h, r) => new(h, r.Config, mode, SilentReporter.Instance));

    private static ZoneOperation<ZoneUninstall> OfUninstall(string name) => new(name, w => w.Steps(), (h, r) => new(h, r));

    /// <summary>Registers an operation. The constructor of every operation calls this method, so every operation is registered.</summary>
    protected static void Register(ZoneOperation operation) => _all.Add(operation);
}

/// <summary>An operation, with the class that makes its steps.</summary>
/// <typeparam name="TWork">The class that makes the steps.</typeparam>
internal sealed class ZoneOperation<TWork> : ZoneOperation
{
    private readonly Func<TWork, IReadOnlyList<Step>> _steps;
    private readonly Func<ZoneHost, ZoneRecord, TWork> _example;

    /// <param name="name">First word of the operation's fault points.</param>
    /// <param name="steps">The operation's steps in order.</param>
    /// <param name="example">Makes the work for a zone that may not exist: its steps are named, not run.</param>
    internal ZoneOperation(string name, Func<TWork, IReadOnlyList<Step>> steps, Func<ZoneHost, ZoneRecord, TWork> example)
        : base(name)
    {
        (_steps, _example) = (steps, example);
        Register(this);
    }

    public Operation On(string zone, TWork work, TimeProvider time) => new(Name, zone, _steps(work), time);

    public override IEnumerable<string> StepsOf(ZoneHost host, ZoneRecord record) => _steps(_example(host, record)).Select(s => s.Name);
}
