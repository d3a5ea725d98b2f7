namespace Lofizone.Vm.Tests.Machines;

/// <summary>One end of a cable between two machines.</summary>
/// <param name="Address">Address and prefix length in the machine, "10.9.1.2/24".</param>
/// <param name="Local">Name of this end, unique in the laboratory.</param>
/// <param name="Remote">Name of the other end.</param>
internal sealed record VmLink(string Address, string Local, string Remote);

/// <summary>A disk beside the root disk. The disks have the numbers from 2 on of the guest's controller.</summary>
/// <param name="IsReadOnly">Several machines share the disk.</param>
internal sealed record VmDisk(string File, bool IsReadOnly);

/// <summary>The image of scripts/vm-image that a machine starts from.</summary>
internal enum VmKind
{
    /// <summary>An image without a service manager, which boots in seconds.</summary>
    Bare,

    /// <summary>An image with systemd and all that users' hosts have, which boots in minutes.</summary>
    Host,
}

/// <summary>The parts of a machine.</summary>
/// <param name="Kind">The image of the root disk.</param>
/// <param name="Links">Links from eth1 on. eth0 is for SSH.</param>
/// <param name="Disks">Disks beside the root disk. The first holds the program that /sbin/init-from-disk starts.</param>
/// <param name="ForwardsNfs">A loopback port of this machine leads to the machine's NFS port, with the same source port.</param>
internal sealed record VmDefinition(string Name, VmKind Kind, int MemoryMebibytes, VmLink[] Links, VmDisk[] Disks, bool ForwardsNfs);
