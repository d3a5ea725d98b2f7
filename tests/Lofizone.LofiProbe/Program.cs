using Lofizone;
using Lofizone.Devices;
using Lofizone.Engine;
using Lofizone.Hosts;
using Lofizone.Programs;
using Lofizone.Shares;

// Usage: lofi-probe attach URI | detach NUMBER. LOFIZONE_ROOT is the host, and ZONE_BINARY is the engine.
ProgramRunner programs = new();
HostPaths paths = HostPaths.FromEnvironment();
string binary = Environment.GetEnvironmentVariable("ZONE_BINARY") ?? OwnProgram.Path;
EngineLauncher engines = new(binary, paths, programs, TimeProvider.System);
LofiDevices devices = new(paths, programs, new KernelCalls(programs, binary), engines, TimeProvider.System, Share.OpenAsync);
try
{
    if (args[0] == "attach")
        Console.WriteLine((await devices.AttachAsync(ShareUri.Parse(args[1]), new LofiAttachOptions(), CancellationToken.None)).Link);
    else
        await devices.DetachAsync(devices.Find(args[1])!, new DetachOptions(), CancellationToken.None);
    return 0;
}
catch (LofizoneException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
